import { maskPhone } from "@pregonero/runtime";
import type { JobFact, JobNews } from "../jobs/job-fact.ts";
import { outgoing, type Outgoing } from "../wire.ts";
import { jobFrame } from "./job-frames.ts";

const isProgress = ({ kind }: JobFact): boolean => kind === "message_sent" || kind === "caught_up";

/** Makes the frames of news once for all sockets that they go to: every one of them writes the same buffer. */
export class JobNewsEncoder {
  readonly #full = new WeakMap<JobNews, Outgoing>();
  readonly #masked = new WeakMap<JobNews, Outgoing>();

  /** @param masked phone numbers as viewers see them */
  encode(news: JobNews, masked: boolean): Outgoing {
    const made = masked ? this.#masked : this.#full;
    const known = made.get(news);
    if (known) return known;
    const out = encode(news, masked ? maskPhone : (phone) => phone);
    made.set(news, out);
    return out;
  }
}

function encode({ jobId, facts }: JobNews, phoneText: (phone: string) => string): Outgoing {
  const texts = facts.map((fact) => JSON.stringify(jobFrame(jobId, fact, phoneText)));
  const all = outgoing(texts);
  if (!facts.some(isProgress)) return all;
  const lasting = texts.filter((_, index) => {
    const fact = facts[index];
    return fact !== undefined && !isProgress(fact);
  });
  const last = facts.at(-1);
  const newest = last && isProgress(last) ? texts.slice(-1) : [];
  return {
    ...all,
    conflatable: {
      topic: jobId,
      lasting: lasting.length > 0 ? outgoing(lasting) : null,
      newest: newest.length > 0 ? outgoing(newest) : null,
    },
  };
}
