export { cloudApiVerdict, type CloudApiError } from "./cloud-api.ts";
export { type ProviderVerdict } from "./verdict.ts";
export { wablasVerdict } from "./wablas.ts";
