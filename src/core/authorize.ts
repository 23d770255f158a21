import type { Authorize, Board } from "../plugin/index.ts";

/**
 * The rules of access. Who has logged in may do everything. At a door without a login everything is allowed but what was declared
 * private. Who did not log in where one can may look at what is described as public, and nothing else.
 */
export function authorizer(board: Pick<Board, "find">): Authorize {
  return (principal, operation, subject) => {
    switch (principal.kind) {
      case "user":
        return true;
      case "local":
        return operation !== "open";
      case "anonymous":
        return operation === "look" && subject !== null && isPublic(board, subject);
    }
  };
}

/** A name that stands for several subjects is public only if all of them are. */
function isPublic(board: Pick<Board, "find">, subject: string): boolean {
  const states = board.find(subject);
  return states.length > 0 && states.every(({ description }) => description.public === true);
}
