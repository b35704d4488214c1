// The audit of GraphQL over HTTP by the reference implementation's own suite.
// node audit.mjs URL TOKEN PURPOSE: prints what fails and exits with the number of failures.
import { auditServer } from "graphql-http";

const [url, token, purpose] = process.argv.slice(2);

function asCaller(address, init = {}) {
  const headers = new Headers(init.headers);
  headers.set("authorization", `Bearer ${token}`);
  headers.set("yimen-purpose", purpose);
  return fetch(address, { ...init, headers });
}

const results = await auditServer({ url, fetchFn: asCaller });
const failed = results.filter((result) => result.status !== "ok");
for (const result of failed) {
  console.log(`${result.status} ${result.id} ${result.name}: ${result.reason}`);
}
console.log(`${results.length - failed.length} of ${results.length}`);
process.exitCode = Math.min(failed.length, 100);
