// Through the vendor's JavaScript SDK: node call.js URL cancel COUNT 1.
const { BatchServiceClient } = require("@azure/batch");

const credential = {
  signRequest: async (request) => {
    request.headers.set("authorization", "Bearer token.of-the-bench");
    return request;
  },
};

async function main([url, , count]) {
  const client = new BatchServiceClient(credential, url);
  for (let call = 0; call < Number(count); call++) {
    await client.certificate.cancelDeletion("sha1", "0123456789abcdef0123456789abcdef01234567");
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
