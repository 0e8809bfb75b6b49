/** `34600123678` → `34*****678`: enough to tell two numbers apart, not enough to call one. Same as in logs. */
export function maskPhone(phone: string): string {
  const digits = phone.replaceAll(/\D/g, "");
  if (digits.length < 8) return "*****";
  return `${phone.trimStart().startsWith("+") ? "+" : ""}${digits.slice(0, 2)}*****${digits.slice(-3)}`;
}
