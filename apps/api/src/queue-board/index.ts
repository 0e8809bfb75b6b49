export { createQueueBoard } from "./queue-board.ts";
