import { isIP } from "node:net";

interface MappedPlace {
  readonly host: string;
  readonly port: number;
}

interface Entry {
  readonly matches: (host: string, port: number) => boolean;
  readonly place: MappedPlace;
}

/** Where hosts are looked for instead of where DNS says: for staging sites, and for tests. */
export type HostMap = (host: string, port: number) => MappedPlace | undefined;

const form =
  /^(?<stars>\*\.)?(?<name>[a-z0-9.-]+)(?::(?<port>\d{1,5}))?=(?<host>[^=\s]+):(?<toPort>\d{1,5})$/i;

function readEntry(text: string): Entry | undefined {
  const { stars, name, port, host, toPort } = form.exec(text)?.groups ?? {};
  if (name === undefined || host === undefined || isIP(host) === 0) return undefined;
  const own = name.toLowerCase();
  return {
    matches: (asked, askedPort) =>
      (stars ? asked.endsWith(`.${own}`) : asked === own) &&
      (port === undefined || Number(port) === askedPort),
    place: { host, port: Number(toPort) },
  };
}

/** Whether it is `name[:port]=address:port`; a name may begin with `*.`. */
export function isHostMapEntry(text: string): boolean {
  return readEntry(text) !== undefined;
}

/** @throws RangeError for an entry that is none */
export function readHostMap(entries: readonly string[]): HostMap {
  const read = entries.map((text) => {
    const entry = readEntry(text);
    if (entry === undefined) throw new RangeError(`"${text}" is not name[:port]=address:port`);
    return entry;
  });
  return (host, port) => read.find((entry) => entry.matches(host.toLowerCase(), port))?.place;
}
