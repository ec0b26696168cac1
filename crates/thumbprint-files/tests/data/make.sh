#!/usr/bin/env bash
# Makes the files that begin with a kind of key (`ec-`, `ed25519-`), by OpenSSL 3.0 and Python. The keys are new each
# time, so the tests' thumbprints have to be taken over afterwards: they are on the last lines.
set -euo pipefail
cd "$(dirname "$0")"
export PASSWORD='pässword'
work="$(mktemp -d)"
trap 'rm -r "$work"' EXIT
days=36500

openssl ecparam -name prime256v1 -genkey -noout -out "$work/root.key"
openssl req -x509 -key "$work/root.key" -subj '/CN=EC Root' -days "$days" -out "$work/root.pem"
openssl ecparam -name prime256v1 -genkey -noout -out ec-sec1.pem
openssl pkcs8 -topk8 -nocrypt -in ec-sec1.pem -out "$work/key.pem"
openssl req -new -key "$work/key.pem" -subj '/CN=ec.example' -out ec-request.pem
openssl x509 -req -in ec-request.pem -CA "$work/root.pem" -CAkey "$work/root.key" -CAcreateserial \
    -days "$days" -out "$work/leaf.pem" 2>/dev/null
openssl pkcs8 -topk8 -in "$work/key.pem" -passout env:PASSWORD -out ec-encrypted.pem
openssl ec -in "$work/key.pem" -aes128 -passout env:PASSWORD -out ec-traditional.pem 2>/dev/null
openssl pkey -in "$work/key.pem" -pubout -out ec-public.pem
cat "$work/root.pem" "$work/leaf.pem" "$work/key.pem" > ec-chain-and-key.pem

pfx() {
    local name="$1"
    shift
    openssl pkcs12 -export -inkey "$work/key.pem" -in "$work/leaf.pem" -passout env:PASSWORD -out "ec-$name.pfx" "$@"
}
pfx openssl3
pfx legacy -legacy
pfx windows -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1
pfx two-key -certpbe PBE-SHA1-2DES -keypbe PBE-SHA1-2DES -macalg sha224
pfx rc2 -legacy -certpbe PBE-SHA1-RC2-128 -keypbe NONE -macalg sha384
pfx rc4 -legacy -certpbe PBE-SHA1-RC4-128 -keypbe PBE-SHA1-RC4-128
pfx aes128 -certpbe AES-128-CBC -keypbe DES-EDE3-CBC -macalg sha512
pfx aes192 -certpbe AES-192-CBC -keypbe AES-192-CBC
pfx no-mac -nomac
pfx clear -certpbe NONE -keypbe NONE -nomac
pfx chain -certfile "$work/root.pem"
pfx costly -iter 6000000 -certpbe AES-256-CBC -nomac
PASSWORD='' pfx empty
openssl pkcs12 -export -nocerts -inkey "$work/key.pem" -passout env:PASSWORD -out ec-key-only.pfx
openssl pkcs12 -export -nokeys -in "$work/leaf.pem" -passout env:PASSWORD -out ec-certificate-only.pfx

openssl genpkey -algorithm ed25519 -out ed25519-key.pem
openssl req -x509 -key ed25519-key.pem -subj '/CN=ed25519.example' -days "$days" -out "$work/ed25519.pem"
openssl pkcs12 -export -inkey ed25519-key.pem -in "$work/ed25519.pem" -passout env:PASSWORD -out ed25519.pfx
cat "$work/ed25519.pem" >> ed25519-key.pem

cat > "$work/ca.conf" <<'CONF'
[ca]
default_ca = it
[it]
database = ./index
default_md = sha256
CONF
(cd "$work" && touch index && openssl ca -config ca.conf -gencrl -keyfile root.key -cert root.pem -crldays 30 \
    -out crl.pem 2>/dev/null)
cp "$work/crl.pem" ec-crl.pem

python3 - "$work/key.pem" "$work/leaf.pem" "$work/root.pem" <<'PYTHON'
# What this OpenSSL's own command does not write: an absent password, PBMAC1 (RFC 9579), a root before its leaf.
import base64, ctypes, ctypes.util, hashlib, hmac, os, ssl, sys

crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
for name in "BIO_new_file PEM_read_bio_PrivateKey PEM_read_bio_X509 PKCS12_create".split():
    getattr(crypto, name).restype = ctypes.c_void_p
def read(path, reader):
    bio = ctypes.c_void_p(crypto.BIO_new_file(path.encode(), b"r"))
    return ctypes.c_void_p(getattr(crypto, reader)(bio, None, None, None))
key, leaf = read(sys.argv[1], "PEM_read_bio_PrivateKey"), read(sys.argv[2], "PEM_read_bio_X509")
pfx = ctypes.c_void_p(crypto.PKCS12_create(None, None, key, leaf, None, -1, -1, 0, 2048, 0))
length = crypto.i2d_PKCS12(pfx, None)
buffer = ctypes.create_string_buffer(length)
crypto.i2d_PKCS12(pfx, ctypes.byref(ctypes.c_void_p(ctypes.addressof(buffer))))
open("ec-absent.pfx", "wb").write(buffer.raw)

def der(tag, *parts):
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + body
def oid(text):
    first, second, *rest = map(int, text.split("."))
    out = bytes([first * 40 + second])
    for arc in rest:
        septets = [arc & 127]
        while arc := arc >> 7:
            septets.insert(0, arc & 127 | 128)
        out += bytes(septets)
    return der(6, out)
def integer(value):
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))

outer = open("ec-no-mac.pfx", "rb").read()
body = outer[4:] if outer[1] == 0x82 else outer[3:]
# Version, then the ContentInfo: its type, `[0]`, and the OCTET STRING over whose content the MAC is.
safe = body[3:]
inner = safe[4:]
octets = inner[11 + 4:]
content = octets[4:]
salt, rounds = os.urandom(16), 2048
secret = hashlib.pbkdf2_hmac("sha512", os.environ["PASSWORD"].encode(), salt, rounds, 32)
digest = hmac.new(secret, content, "sha256").digest()
null = der(5)
derivation = der(0x30, oid("1.2.840.113549.1.5.12"), der(0x30, der(4, salt), integer(rounds), integer(32),
    der(0x30, oid("1.2.840.113549.2.11"), null)))
scheme = der(0x30, oid("1.2.840.113549.2.9"), null)
algorithm = der(0x30, oid("1.2.840.113549.1.5.14"), der(0x30, derivation, scheme))
mac = der(0x30, der(0x30, algorithm, der(4, digest)), der(4, b"not used"), integer(1))
open("ec-pbmac1.pfx", "wb").write(der(0x30, body, mac))

def pem(path):
    return open(path).read()
def bag(kind, value):
    return der(0x30, oid(f"1.2.840.113549.1.12.10.1.{kind}"), der(0xa0, value))
def certificate(path):
    content = der(4, ssl.PEM_cert_to_DER_cert(pem(path)))
    return bag(3, der(0x30, oid("1.2.840.113549.1.9.22.1"), der(0xa0, content)))
def data(content):
    return der(0x30, oid("1.2.840.113549.1.7.1"), der(0xa0, der(4, content)))
key = base64.b64decode("".join(pem(sys.argv[1]).splitlines()[1:-1]))
bags = der(0x30, certificate(sys.argv[3]), certificate(sys.argv[2]), bag(1, key))
open("ec-root-first.pfx", "wb").write(der(0x30, integer(3), data(der(0x30, data(bags)))))
PYTHON

for file in "$work"/{leaf,root,ed25519}.pem; do
    openssl x509 -in "$file" -noout -subject -serial -fingerprint -sha1
done
