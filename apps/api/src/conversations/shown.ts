import { maskPhone } from "@pregonero/domain";
import { mayActAs, type Principal } from "../auth/index.ts";

/** Viewers see what was said, not the number of who said it. */
export function shown<Row extends { readonly phone: string }>(row: Row, principal: Principal): Row {
  return mayActAs(principal, "operator") ? row : { ...row, phone: maskPhone(row.phone) };
}
