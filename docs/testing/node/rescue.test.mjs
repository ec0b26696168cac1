// How a program that uses @azure/batch is tested: its happy way, a refusal, and an answer that is lost.
//
//     npm install @azure/batch@10.2.0
//     node --test docs/testing/node

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { BatchServiceClient, BatchSharedKeyCredentials } from "@azure/batch";
import { startSandbox } from "./sandbox.mjs";

const ONE = "00112233445566778899aabbccddeeff00112233";
const OTHER = "ff112233445566778899aabbccddeeff00112233";

/** The program: cancels every deletion that has failed, and gives the thumbprints. */
async function rescue(url) {
    const credentials = new BatchSharedKeyCredentials("myaccount", "MDEyMzQ1Njc4OWFiY2RlZg==");
    const { certificate } = new BatchServiceClient(credentials, url, { noRetryPolicy: true });
    const failed = (await certificate.list()).filter((one) => one.state === "deletefailed");
    for (const { thumbprint } of failed) await certificate.cancelDeletion("sha1", thumbprint);
    return failed.map((one) => one.thumbprint);
}

let sandbox;
before(async () => (sandbox = await startSandbox()));
beforeEach(() => sandbox.reset());
after(() => sandbox.stop());

test("failed deletions are canceled", async () => {
    await sandbox.seed({ thumbprint: ONE, state: "deletefailed", pools: ["mypool"] }, { thumbprint: OTHER });
    assert.deepEqual(await rescue(sandbox.url), [ONE]);
    assert.equal(await sandbox.state(ONE), "active");
});

test("a refusal says why", async () => {
    await sandbox.seed({ thumbprint: ONE, state: "deletefailed" });
    await sandbox.fault({
        operation: "Certificate_CancelDeletion",
        status: 403,
        headers: [{ name: "Content-Type", value: "application/json" }],
        body: JSON.stringify({ code: "InsufficientAccountPermissions" }),
    });
    await assert.rejects(rescue(sandbox.url), { statusCode: 403, code: "InsufficientAccountPermissions" });
    assert.equal(await sandbox.state(ONE), "deletefailed");
});

test("an answer that is lost was given", async () => {
    await sandbox.seed({ thumbprint: ONE, state: "deletefailed" });
    await sandbox.fault({ operation: "Certificate_CancelDeletion", ending: "reset", at: "start", carryOut: true });
    await assert.rejects(rescue(sandbox.url));
    assert.equal(await sandbox.state(ONE), "active");
    assert.deepEqual((await sandbox.journal()).map((one) => one.fault), [false, true]);
});
