"""Each kind of error, as Coinbase's own client for Python understands it."""

import unittest

from coinbase_commerce import error

from support import Sandbox, seat

NOBODY = "00000000-0000-4000-8000-000000000000"


class Errors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox()
        cls.addClassCleanup(cls.sandbox.stop)

    def setUp(self):
        self.client = self.sandbox.client()

    def refused(self, kind, status, call, *args, **params):
        with self.assertRaises(kind) as caught:
            call(*args, **params)
        thrown = caught.exception
        self.assertIs(type(thrown), kind)
        self.assertEqual(thrown.http_status, status)
        self.assertTrue(thrown.request_id)
        self.assertTrue(thrown.json_body["error"]["message"])
        self.assertIn(thrown.request_id, str(thrown))
        return thrown

    def test_of_authentication(self):
        client = self.sandbox.client("another-key")
        for call in (client.charge.list, client.checkout.list, client.event.list):
            self.refused(error.AuthenticationError, 401, call)

    def test_of_what_is_missing(self):
        create = self.client.charge.create
        for field in ("name", "pricing_type", "local_price"):
            self.refused(error.ParamRequiredError, 400, create, **seat(**{field: None}))

    def test_of_what_is_wrong(self):
        create = self.client.charge.create
        for more in (
            {"name": "x" * 101},
            {"pricing_type": "free"},
            {"local_price": {"amount": "0", "currency": "USD"}},
            {"local_price": {"amount": "1.00", "currency": "XXX"}},
            {"metadata": "text"},
        ):
            self.refused(error.ValidationError, 400, create, **seat(**more))

    def test_of_a_request_that_makes_no_sense(self):
        self.refused(error.InvalidRequestError, 400, self.client.charge.list, limit=101)
        self.refused(error.InvalidRequestError, 400, self.client.charge.create)

    def test_of_what_is_not_there(self):
        for key in (NOBODY, "NOTTHERE", "", "a/b", "ü"):
            self.refused(error.ResourceNotFoundError, 404, self.client.charge.retrieve, key)
        self.refused(error.ResourceNotFoundError, 404, self.client.checkout.retrieve, NOBODY)
        self.refused(error.ResourceNotFoundError, 404, self.client.event.retrieve, NOBODY)
        self.refused(error.ResourceNotFoundError, 404, self.client.post, "charges", "NOTTHERE", "cancel")
        self.refused(error.ResourceNotFoundError, 404, self.client.delete, "charges", NOBODY)

    def test_of_too_many_charges(self):
        self.addCleanup(self.sandbox.control, "PUT", "/rate-limits", {"enabled": False})
        client = self.sandbox.client(self.sandbox.control("POST", "/merchants", {})["api_key"])
        self.sandbox.control("PUT", "/rate-limits", {"enabled": True})
        for _ in range(25):
            client.charge.create(**seat())
        thrown = self.refused(error.RateLimitExceededError, 429, client.charge.create, **seat())
        self.assertGreaterEqual(int(thrown.headers["Retry-After"]), 1)
        client.charge.list()

    def test_on_demand(self):
        self.addCleanup(self.sandbox.no_faults)
        self.sandbox.faults(api={"error": 1.0})
        self.refused(error.InternalServerError, 500, self.client.charge.list)
        self.sandbox.faults(api={"rate_limited": 1.0})
        self.refused(error.RateLimitExceededError, 429, self.client.charge.create, **seat())
        self.sandbox.faults(api={"cut": 1.0})
        with self.assertRaises(error.APIError) as caught:
            self.client.charge.list()
        self.assertIn("Network error", str(caught.exception))
        self.sandbox.faults(api={"slow": 1.0, "slow_ms_max": 50})
        self.client.charge.list()
