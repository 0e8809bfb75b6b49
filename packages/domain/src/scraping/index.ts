export { compareFields, type ComparedField } from "./compare.ts";
export { decideVisit, type VisitDecision, type VisitProblem, type VisitTry } from "./decide-visit.ts";
export { readSite, type SiteAddress, type SiteResult } from "./domain-name.ts";
