import { CrmRoom, type CrmMember, type CrmRoomDeps } from "./crm-room.ts";

/** A room for each tenant of whom somebody is here. */
export class CrmRooms {
  readonly #deps: CrmRoomDeps;
  readonly #rooms = new Map<number, CrmRoom>();

  constructor(deps: CrmRoomDeps) {
    this.#deps = deps;
  }

  /** @returns a function to leave it */
  join(tenantId: number, member: CrmMember): () => void {
    const room = this.#rooms.get(tenantId) ?? new CrmRoom(tenantId, this.#deps);
    this.#rooms.set(tenantId, room);
    room.add(member);
    return () => {
      room.remove(member);
      if (!room.empty || this.#rooms.get(tenantId) !== room) return;
      this.#rooms.delete(tenantId);
      room.close();
    };
  }
}
