// A sandbox of Azure Batch's certificates for tests. Copy this file beside your tests. It needs the command
// `thumbprint` on the PATH, or its place in THUMBPRINT, and nothing beyond Node.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Starts a sandbox. Its `url` is what a client takes for its endpoint. */
export async function startSandbox() {
    const command = process.env.THUMBPRINT ?? "thumbprint";
    const child = spawn(command, ["--output", "json", "sandbox", "--admin"], { stdio: ["ignore", "pipe", "inherit"] });
    // The first line says where it listens; it is there as soon as the sandbox is.
    const [line] = await once(createInterface({ input: child.stdout }), "line");
    const url = JSON.parse(line).listening_on;

    /** One request to the sandbox's own API, which specs/admin.yaml describes. */
    async function admin(method, path, body) {
        const answer = await fetch(`${url}/__sandbox/${path}`, {
            method,
            body: body && JSON.stringify(body),
            headers: { "Content-Type": "application/json" },
        });
        const text = await answer.text();
        if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}: ${text}`);
        return text ? JSON.parse(text) : undefined;
    }

    return {
        url,
        reset: () => admin("POST", "reset"),
        seed: (...certificates) => admin("PUT", "seed", { batch: { certificates } }),
        fault: (fault) => admin("POST", "faults", fault),
        advance: (seconds) => admin("POST", "clock/advance", { seconds }),
        journal: async () => (await admin("GET", "journal")).exchanges,
        state: async (thumbprint) => {
            const { certificates = [] } = (await admin("GET", "state")).holds.batch;
            return certificates.find((one) => one.thumbprint === thumbprint)?.state;
        },
        stop: async () => {
            child.kill();
            await once(child, "exit");
        },
    };
}
