/** Numbers that are assigned to nobody, as E.164 digits. */
export function numbers(count: number, first = 34_555_200_001): string[] {
  return Array.from({ length: count }, (_, n) => String(first + n));
}

/** A CSV file with a name for each number, in as many spellings as people use. */
export function csvOf(phones: readonly string[]): Blob {
  const spellings = [
    (phone: string) => `+${phone}`,
    (phone: string) => phone,
    (phone: string) => `00${phone}`,
    (phone: string) => `+${phone.slice(0, 2)} ${phone.slice(2, 5)} ${phone.slice(5)}`,
  ];
  const rows = phones.map((phone, n) => `Íñigo ${n};${spellings[n % spellings.length]?.(phone)}`);
  return new Blob([`Nombre;Teléfono\n${rows.join("\n")}\n`], { type: "text/csv" });
}
