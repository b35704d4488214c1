// The gateway in a larger graph: its subgraph is composed with a province's, and asked through a router.
// node federation.mjs URL TOKEN PURPOSE QUERY NUMBER...: prints what the router answers, with what the gateway was
// asked on the way. The province knows people by their numbers alone.
import { createServer } from "node:http";
import { createGatewayRuntime } from "@graphql-hive/gateway-runtime";
import { composeServices } from "@theguild/federation-composition";
import { buildSchema, parse } from "graphql";
import { createHandler } from "graphql-http/lib/use/http";

const [url, token, purpose, query, ...numbers] = process.argv.slice(2);
const headers = { authorization: `Bearer ${token}`, "yimen-purpose": purpose };

async function subgraph() {
  const body = JSON.stringify({ query: "{ _service { sdl } }" });
  const answer = await fetch(url, { method: "POST", body, headers: { ...headers, "content-type": "application/json" } });
  return (await answer.json()).data._service.sdl;
}

const PROVINCE = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
  scalar CitizenId
  type Query { selected: [Person!]! }
  type Person @key(fields: "citizenId") { citizenId: CitizenId! note: String! }
`;

function province() {
  const schema = buildSchema(`
    scalar CitizenId
    type Query { selected: [Person!]! }
    type Person { citizenId: CitizenId! note: String! }
  `);
  const selected = () => numbers.map((citizenId, at) => ({ citizenId, note: `selected ${at}` }));
  return createServer(createHandler({ schema, rootValue: { selected } }));
}

const server = province();
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const composed = composeServices([
  { name: "county", url, typeDefs: parse(await subgraph()) },
  { name: "province", url: `http://127.0.0.1:${server.address().port}/`, typeDefs: parse(PROVINCE) },
]);
if (composed.errors?.length) {
  console.error(composed.errors.map((error) => error.message).join("\n"));
  process.exit(1);
}

const asked = [];
const gateway = createGatewayRuntime({
  supergraph: composed.supergraphSdl,
  logging: false,
  maskedErrors: false,
  propagateHeaders: {
    fromClientToSubgraphs: ({ request, subgraphName }) =>
      subgraphName.toLowerCase() === "county"
        ? { authorization: request.headers.get("authorization"), "yimen-purpose": request.headers.get("yimen-purpose") }
        : {},
  },
  plugins: () => [
    {
      onSubgraphExecute({ subgraphName, executionRequest }) {
        asked.push({ subgraph: subgraphName, variables: executionRequest.variables ?? {} });
      },
    },
  ],
});
const response = await gateway.fetch("http://gateway/graphql", {
  method: "POST",
  body: JSON.stringify({ query }),
  headers: { ...headers, "content-type": "application/json" },
});
console.log(JSON.stringify({ answer: await response.json(), asked }));
server.close();
await gateway[Symbol.asyncDispose]?.();
process.exit(0);
