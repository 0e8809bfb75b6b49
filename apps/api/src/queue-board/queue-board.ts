import { createBullBoard } from "@bull-board/api";
import { ExpressAdapter } from "@bull-board/express";
import type { TurnQueues } from "@pregonero/queue";
import { Router, type Request, type RequestHandler } from "express";
import { mayActAs, tokenOf, type Authenticator, type Principal } from "../auth/index.ts";
import { ApiProblem } from "../http/problem.ts";
import { contextOf } from "../http/request-context.ts";
import { boardCookie, boardToken } from "./board-cookie.ts";

export interface QueueBoardDeps {
  readonly authenticator: Authenticator;
  readonly queues: Pick<TurnQueues, "forBoard">;
  readonly devicesOf: (
    tenantId: number,
  ) => Promise<readonly { readonly id: number; readonly name: string }[]>;
}

const path = "/admin/queues";
/** Devices come and go seldom; the board itself asks every few seconds. */
const freshForMs = 10_000;

interface Board {
  readonly handler: RequestHandler;
  readonly replace: ReturnType<typeof createBullBoard>["replaceQueues"];
  freshUntilMs: number;
}

/**
 * BullMQ's board, for looking: each tenant's admins see the queues of their own devices. A browser that opens an address
 * sends no header, so `POST /admin/session` turns the caller's token into a cookie for these pages.
 */
export function createQueueBoard({ authenticator, queues, devicesOf }: QueueBoardDeps): Router {
  const boards = new Map<number, Board>();
  const router = Router();

  router.post("/admin/session", async (req, res) => {
    contextOf(req).route = "/admin/session";
    admitted(await authenticator.authenticate(req));
    const token = tokenOf(req);
    // In open mode there is none, and none is needed.
    if (token !== null) res.set("Set-Cookie", boardCookie(token, req.secure));
    res.status(204).end();
  });

  router.use(path, async (req, res, next) => {
    contextOf(req).route = path;
    const { tenantId } = admitted(await whoLooks(authenticator, req));
    const board = boards.get(tenantId) ?? openBoard();
    boards.set(tenantId, board);
    if (Date.now() > board.freshUntilMs) {
      board.replace(await queues.forBoard(await devicesOf(tenantId)));
      board.freshUntilMs = Date.now() + freshForMs;
    }
    board.handler(req, res, next);
  });
  return router;
}

async function whoLooks(authenticator: Authenticator, req: Request): Promise<Principal | null> {
  const token = boardToken(req);
  return token === null
    ? await authenticator.authenticate(req)
    : await authenticator.authenticateToken(token);
}

function admitted(principal: Principal | null): Principal {
  if (!principal)
    throw new ApiProblem(
      "unauthenticated",
      "Open the queues from the dashboard: the sign-in has run out, or there was none.",
    );
  if (!mayActAs(principal, "admin"))
    throw new ApiProblem("forbidden", `This needs the role admin; yours is ${principal.role}.`);
  return principal;
}

function openBoard(): Board {
  const serverAdapter = new ExpressAdapter().setBasePath(path);
  const { replaceQueues } = createBullBoard({
    queues: [],
    serverAdapter,
    options: { uiConfig: { boardTitle: "Pregonero", hideRedisDetails: true } },
  });
  // The adapter does not say what kind of router it gives.
  return { handler: serverAdapter.getRouter() as RequestHandler, replace: replaceQueues, freshUntilMs: 0 };
}
