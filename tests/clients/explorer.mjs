// Drives /explorer in headless Chromium whose network ends at this machine.
// node explorer.mjs ORIGIN TOKEN: prints what was seen as JSON; exits with 1 where something is missing.
import { chromium } from "playwright-core";

const [origin, token] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.YIMEN_TEST_CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
  ],
});
const seen = { elsewhere: [], complaints: [] };
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(30_000);
  page.on("request", (request) => {
    const address = request.url();
    if (!address.startsWith(origin) && !address.startsWith("data:") && !address.startsWith("blob:")) seen.elsewhere.push(address);
  });
  page.on("pageerror", (error) => seen.complaints.push(String(error)));
  await page.goto(`${origin}/explorer`);
  await page.waitForSelector(".graphiql-container");

  // Without a token there is no schema and no answer, and the page says why.
  await page.waitForFunction(() => document.getElementById("state").textContent.includes("UNAUTHENTICATED"));
  seen.withoutToken = await page.textContent("#state");

  await page.fill("#token", token);
  await page.selectOption("#purpose", "UNION_FILE_CHECK");
  await page.click("#caller button[type=submit]");
  await page.selectOption("#example", "access");
  await page.click("button.graphiql-execute-button");
  await page.waitForFunction(() => document.querySelector(".result-window")?.textContent.includes("viewer"));
  seen.result = await page.evaluate(() => document.querySelector(".result-window").textContent);
  seen.state = await page.textContent("#state");

  // The documentation is that of this token's schema.
  await page.click("button[aria-label='Show Documentation Explorer']");
  await page.click(".graphiql-doc-explorer-content a:text-is('Query')");
  await page.waitForFunction(() => document.querySelector(".graphiql-doc-explorer-content")?.textContent.includes("viewer"));
  if (process.env.YIMEN_TEST_PICTURE) await page.screenshot({ path: process.env.YIMEN_TEST_PICTURE });
  seen.documentation = await page.textContent(".graphiql-doc-explorer-content");
  seen.kept = await page.evaluate(() => localStorage.length + sessionStorage.length);
} catch (error) {
  seen.complaints.push(String(error));
  process.exitCode = 1;
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
