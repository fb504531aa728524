"""Every way a charge can go, as Coinbase's own client for Python is told of it by webhooks."""

import json
import pathlib
import time
import unittest

from coinbase_commerce.api_resources import Charge, Event
from coinbase_commerce.error import SignatureVerificationError, WebhookInvalidPayload
from coinbase_commerce.webhook import Webhook, WebhookSignature

from support import HOUR_S, SECRET, Receiver, Sandbox, path, seat, until

LIFECYCLES = json.loads((pathlib.Path(__file__).parent.parent / "lifecycles.json").read_text("utf-8"))


class WithReceiver(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.receiver = Receiver()
        cls.addClassCleanup(cls.receiver.stop)
        cls.sandbox = Sandbox(cls.receiver.url)
        cls.addClassCleanup(cls.sandbox.stop)
        cls.client = cls.sandbox.client()

    def create(self, **more):
        return self.client.charge.create(**seat(**more))

    def reaches(self, code, status):
        def ask():
            charge = self.client.charge.retrieve(code)
            return charge if charge.timeline[-1].status == status else None

        return until(f"{code} is {status}", ask)

    def said(self, webhook):
        event = Webhook.construct_event(webhook.body, webhook.signature, SECRET)
        self.assertIsInstance(event.data, Charge)
        payments = [payment.status for payment in event.data.payments]
        return {"type": event.type, "timeline": path(event.data), "payments": payments}


class Lifecycles(WithReceiver):
    def test_by_outcome(self):
        for life in LIFECYCLES:
            with self.subTest(life["outcome"]):
                code = self.create().code
                self.sandbox.pay(code, life["outcome"])
                charge = self.reaches(code, life["status"])
                self.assertEqual(path(charge), life["webhooks"][-1]["timeline"])
                self.assertEqual("confirmed_at" in charge, life["status"] == "COMPLETED")
                came = self.receiver.wait(code, len(life["webhooks"]))
                self.assertEqual([self.said(webhook) for webhook in came], life["webhooks"])

    def test_resolved(self):
        code = self.create().code
        self.sandbox.pay(code, "overpaid")
        self.reaches(code, "UNRESOLVED")
        self.client.post("charges", code, "resolve")
        said = self.said(self.receiver.wait_for(code, "charge:resolved"))
        self.assertEqual(said["timeline"], ["NEW", "PENDING", "UNRESOLVED OVERPAID", "RESOLVED"])

    def test_expired_by_the_clock(self):
        self.addCleanup(self.sandbox.resume)
        self.sandbox.freeze()
        code = self.create().code
        self.sandbox.advance(HOUR_S - 1)
        time.sleep(0.3)
        self.assertEqual(path(self.client.charge.retrieve(code)), ["NEW"])
        self.sandbox.advance(1)
        self.assertEqual(path(self.reaches(code, "EXPIRED")), ["NEW", "EXPIRED"])
        said = self.said(self.receiver.wait_for(code, "charge:failed"))
        self.assertEqual(said["timeline"], ["NEW", "EXPIRED"])


class Webhooks(WithReceiver):
    def created(self, **more):
        return self.receiver.wait_for(self.create(**more).code, "charge:created")

    def rejected(self, body, signature, secret=SECRET):
        with self.assertRaises(SignatureVerificationError):
            Webhook.construct_event(body, signature, secret)

    def test_have_the_signature_that_the_published_vector_gives(self):
        signature = "37beaf650f70b40ec9706929c2e9d835cbd63729988f48781e6383a147215f07"
        self.assertTrue(WebhookSignature.verify_sig_header('{"a":1}', signature, "s"))

    def test_are_verified(self):
        webhook = self.created(name="Café ☕")
        event = Webhook.construct_event(webhook.body, webhook.signature, SECRET)
        self.assertIsInstance(event, Event)
        self.assertIsInstance(event.data, Charge)
        self.assertEqual((event.type, event.data.name), ("charge:created", "Café ☕"))

    def test_are_compact_json_with_sorted_keys(self):
        webhook = self.created(name="Café ☕ <b>", metadata={"z": 1, "a": {"y": None, "b": [1.5, "é"]}})
        again = json.dumps(webhook.json, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        self.assertEqual(webhook.body, again)

    def test_are_rejected_when_tampered_with(self):
        webhook = self.created()
        self.rejected(webhook.body.replace("29.99", "29.98"), webhook.signature)
        self.rejected(webhook.body + " ", webhook.signature)
        self.rejected(webhook.body, webhook.signature, SECRET + "x")
        self.rejected(webhook.body, webhook.signature.upper())
        self.rejected(webhook.body, webhook.signature[1:])
        self.rejected(json.dumps(webhook.json), webhook.signature)

    def test_are_rejected_without_an_event(self):
        for body in ("", "{", "{}"):
            with self.subTest(body), self.assertRaises(WebhookInvalidPayload):
                Webhook.construct_event(body, "0" * 64, SECRET)

    def test_are_sent_again_as_the_same_event(self):
        self.receiver.status = 500
        code = self.create().code
        first = self.receiver.wait(code, 1)[0]
        self.receiver.status = 200
        again = self.receiver.wait(code, 2)[1]
        self.assertEqual(first.event["id"], again.event["id"])
        self.assertNotEqual(first.json["id"], again.json["id"])
        self.assertEqual((first.json["attempt_number"], again.json["attempt_number"]), (1, 2))
        Webhook.construct_event(again.body, again.signature, SECRET)

    def test_are_rejected_under_a_wrong_secret_on_demand(self):
        self.addCleanup(self.sandbox.no_faults)
        self.sandbox.faults(webhooks={"wrong_secret": 1.0})
        webhook = self.created()
        self.rejected(webhook.body, webhook.signature)

    def test_come_twice_on_demand(self):
        self.addCleanup(self.sandbox.no_faults)
        self.sandbox.faults(webhooks={"duplicate": 1.0})
        code = self.create().code
        events = [self.said(webhook) and webhook.event["id"] for webhook in self.receiver.wait(code, 2)]
        self.assertEqual(events[0], events[1])
