"""Through the vendor's Python SDK: python call.py URL cancel COUNT 1."""

import sys

from azure.batch import BatchServiceClient
from msrest.authentication import BasicTokenAuthentication

url, _, count, _ = sys.argv[1:]
client = BatchServiceClient(BasicTokenAuthentication({"access_token": "token.of-the-bench"}), batch_url=url)
for _ in range(int(count)):
    client.certificate.cancel_deletion("sha1", "0123456789abcdef0123456789abcdef01234567")
