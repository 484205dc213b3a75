import { notifications } from "@mantine/notifications";

import { asProblem } from "./problem";

/** Says what failed, with the request id a person can send to whoever runs the server. */
export function notifyProblem(error: unknown): void {
  const problem = asProblem(error);
  if (problem.status === 401) return;
  const request = problem.requestId === null ? "" : ` (request ${problem.requestId})`;
  notifications.show({
    color: "orange",
    title: problem.title,
    message: `${problem.detail}${request}`,
    autoClose: 10_000,
    withBorder: true,
  });
}

export function notifyDone(message: string): void {
  notifications.show({ message, autoClose: 3500, withBorder: true, color: "petrol" });
}
