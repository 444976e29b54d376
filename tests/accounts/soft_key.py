"""A passkey made of software, which answers as a real one does."""

import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

Answer = dict[str, Any]
KEY_ID = b"a key of software"
FLAGS = AuthenticatorData.FLAG
SEEN = FLAGS.UP | FLAGS.UV


class SoftKey:
    """Asked by ``localhost`` for an account, it answers as JSON."""

    def __init__(self) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())

    def create(self, options: Answer) -> Answer:
        """The answer to an invitation to become somebody's key."""
        public = ES256.from_cryptography_key(self._private.public_key())
        data = AuthenticatorData.create(
            sha256(options["rp"]["id"].encode()),
            SEEN | FLAGS.AT,
            counter=0,
            credential_data=AttestedCredentialData.create(b"\0" * 16, KEY_ID, public),
        )
        attested = AttestationObject.create("none", data, {})
        client = _client_data("webauthn.create", options["challenge"])
        answer = {
            "clientDataJSON": websafe_encode(client),
            "attestationObject": websafe_encode(attested),
            "transports": ["internal"],
        }
        return _told(answer, clientExtensionResults={"credProps": {"rk": True}})

    def get(self, options: Answer, *, handle: str = "") -> Answer:
        """The answer to being asked whether it is there; ``handle`` says whose it is."""
        data = AuthenticatorData.create(sha256(options["rpId"].encode()), SEEN, counter=1)
        client = _client_data("webauthn.get", options["challenge"])
        signed = self._private.sign(bytes(data) + client.hash, ec.ECDSA(hashes.SHA256()))
        answer = {
            "clientDataJSON": websafe_encode(client),
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(signed),
            "userHandle": websafe_encode(handle.encode()),
        }
        return _told(answer, clientExtensionResults={})


def _client_data(kind: str, challenge: str) -> CollectedClientData:
    told = {"type": kind, "challenge": challenge, "origin": "http://localhost:8000"}
    return CollectedClientData(json.dumps(told).encode())


def _told(answer: Answer, **more: Any) -> Answer:
    key = websafe_encode(KEY_ID)
    return {"id": key, "rawId": key, "type": "public-key", "response": answer, **more}
