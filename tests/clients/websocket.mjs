// The client of graphql-ws against the gateway: a query, a query that is wrong, a subscription, another token.
// node websocket.mjs URL TOKEN PURPOSE CITIZEN: prints what came, as JSON.
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, token, purpose, citizenId] = process.argv.slice(2);

function client(authorization) {
  const closed = [];
  const made = createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: authorization, "Yimen-Purpose": purpose },
    retryAttempts: 0,
    on: { closed: (event) => closed.push(event.code) },
  });
  return { made, closed };
}

async function first(made, query, variables) {
  for await (const answer of made.iterate({ query, variables })) {
    return answer;
  }
}

async function failure(made, query) {
  try {
    return { answer: await first(made, query) };
  } catch (error) {
    // A list of GraphQL's errors, or the event of a close.
    return Array.isArray(error) ? { codes: error.map((one) => one.extensions.code) } : { closed: error.code };
  }
}

const good = client(`Bearer ${token}`);
const seen = {
  query: await first(good.made, "query($id: CitizenId!) { person(citizenId: $id) { name } }", { id: citizenId }),
  wrong: await failure(good.made, "{ nothing }"),
  several: await Promise.all(
    Array.from({ length: 8 }, () => first(good.made, "{ viewer { department } }")),
  ),
  watched: await first(
    good.made,
    "subscription { departmentStatusChanged(departments: [UNION]) { department status } }",
  ),
};
await good.made.dispose();
seen.closed = good.closed;
const stranger = client("Bearer nobody");
seen.stranger = await failure(stranger.made, "{ viewer { department } }");
await stranger.made.dispose();
console.log(JSON.stringify(seen));
