// Drives the sandbox with the vendor's own SDK for JavaScript, unpatched: all five operations on Batch's
// certificates.
//
//     NODE_PATH=.../node_modules node azure_batch_js.cjs http://127.0.0.1:PORT
//
// Needs @azure/batch 10.2.0 and a fresh `thumbprint sandbox`; run-azure-batch-js.sh sees to both.

const assert = require("node:assert/strict");
const { BatchServiceClient, BatchSharedKeyCredentials } = require("@azure/batch");

// What the sandbox holds at its start (crates/thumbprint-sandbox/src/samples.rs).
const FAILED = "0123456789abcdef0123456789abcdef01234567";
const NOWHERE = "f".repeat(40);

let checks = 0;

function check(found, expected, what) {
    checks += 1;
    assert.deepEqual(found, expected, what);
}

async function refused(what, status, code, call) {
    await call().then(
        () => assert.fail(`${what}: it was not refused`),
        (error) => check([error.statusCode, error.code], [status, code], what),
    );
}

async function drive(certificates, added) {
    const parameter = {
        thumbprint: added,
        thumbprintAlgorithm: "sha1",
        data: "TUlJQ2RhdGE=",
        certificateFormat: "pfx",
        password: 'p@ss "w"/\u00e9',
    };
    const identity = "9c4d50ee-2d56-4cd3-8152-34347dc9f2b0";
    const common = { timeout: 15, clientRequestId: identity, returnClientRequestId: true, ocpDate: new Date() };

    const answer = await certificates.add(parameter, { certificateAddOptions: common });
    check(answer._response.status, 201, "add: status");
    check(answer.clientRequestId, identity, "add: client-request-id");
    await refused("add again", 409, "CertificateExists", () => certificates.add(parameter));

    const found = await certificates.get("sha1", added);
    check([found.thumbprint, found.state, found.previousState], [added, "active", undefined], "get");
    check(found.stateTransitionTime instanceof Date, true, "get: time");
    const options = { certificateGetOptions: { select: "thumbprint,state", ...common } };
    check((await certificates.get("sha1", added, options)).url, undefined, "get, selected");
    await refused("get of nothing", 404, "CertificateNotFound", () => certificates.get("sha1", NOWHERE));

    const everything = (await certificates.list()).map((one) => one.thumbprint).sort();
    check(everything.includes(added), true, "list: the added one");
    let page = await certificates.list({ certificateListOptions: { maxResults: 1, ...common } });
    const paged = [];
    for (let next = page.odatanextLink; ; next = page.odatanextLink) {
        check(page.length <= 1, true, "list: certificates of a page");
        paged.push(...page.map((one) => one.thumbprint));
        if (!next) break;
        page = await certificates.listNext(next);
    }
    check(paged.sort(), everything, "list: certificates of all pages");
    const filter = { certificateListOptions: { filter: "state eq 'deletefailed'" } };
    check((await certificates.list(filter)).map((one) => one.thumbprint), [FAILED], "list, filtered");

    const failed = await certificates.get("sha1", FAILED);
    check(failed.deleteCertificateError.code, "PoolsReferencingCertificate", "the failed one: code");
    const canceled = await certificates.cancelDeletion("sha1", FAILED, { certificateCancelDeletionOptions: common });
    check(canceled._response.status, 204, "cancel: status");
    check(canceled.clientRequestId, identity, "cancel: client-request-id");
    check((await certificates.get("sha1", FAILED)).state, "active", "cancel: state");
    await refused("cancel again", 409, "CertificateStateActive", () => certificates.cancelDeletion("sha1", FAILED));

    check((await certificates.deleteMethod("sha1", added))._response.status, 202, "delete: status");
    await refused("delete again", 409, "CertificateBeingDeleted", () => certificates.deleteMethod("sha1", added));
    await certificates.deleteMethod("sha1", FAILED);
    check(await settled(certificates, added), undefined, "delete: the end");
    check(await settled(certificates, FAILED), "deletefailed", "delete, used by a pool: the end");
}

/** The state in the end; undefined if the certificate is gone. */
async function settled(certificates, thumbprint) {
    for (let end = Date.now() + 60_000; Date.now() < end; ) {
        try {
            const { state } = await certificates.get("sha1", thumbprint);
            if (state !== "deleting") return state;
        } catch (error) {
            if (error.statusCode !== 404) throw error;
            return undefined;
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.fail(`${thumbprint} was still being deleted after a minute`);
}

async function main(url) {
    const bearer = {
        signRequest: async (request) => {
            request.headers.set("Authorization", "Bearer token.of-the-sdk");
            return request;
        },
    };
    for (const [name, credentials, added] of [
        ["bearer", bearer, "00112233445566778899aabbccddeeff00112233"],
        ["shared key", new BatchSharedKeyCredentials("myaccount", "MDEyMzQ1Njc4OWFiY2RlZg=="), "ff112233445566778899aabbccddeeff00112233"],
    ]) {
        const before = checks;
        await drive(new BatchServiceClient(credentials, url).certificate, added);
        console.log(`${name}: all five operations, ${checks - before} checks`);
    }
    console.log(`ok: @azure/batch speaks with the sandbox, ${checks} checks`);
}

main(process.argv[2]).catch((error) => {
    console.error(`failed: ${error.stack}`);
    process.exit(1);
});
