// SPDX-License-Identifier: Apache-2.0
import Billing
import Foundation
import JSONText
import Quantities
import Storage
import Testing
import Web

@Suite("API: webhook endpoints", .timeLimit(.minutes(2)))
struct APIWebhookTests {
    private let wish: JSON = [
        "url": "https://shop.example/hook", "types": ["session.*", "payment.captured"],
    ]

    @Test("an endpoint is made, changed and removed; its secret is told once")
    func life() async throws {
        let client = try await APIServer.shared().tenant().client
        let made = try await client.post("/v1/webhook_endpoints", wish, key: "make")
        let again = try await client.post("/v1/webhook_endpoints", wish, key: "make")
        let path = "/v1/webhook_endpoints/\(made["id"]?.string ?? "")"
        #expect(made.status == 201)
        #expect(made["secret"]?.string?.hasPrefix("whsec_") == true)
        #expect(again["id"] == made["id"])
        #expect(again["secret"] == .null)
        #expect(made["payload"] == "full")

        let changed = try await client.patch(path, ["types": ["*"], "payload": "thin"], version: 1)
        #expect(changed["types"] == ["*"])
        #expect(changed["url"] == made["url"])
        let rolled = try await client.post(path + "/roll_secret")
        #expect(rolled["secret"]?.string?.hasPrefix("whsec_") == true)
        #expect(rolled["secret"] != made["secret"])
        let listed = try await client.get("/v1/webhook_endpoints")
        #expect(listed["data"]?[0]?["id"] == made["id"])
        #expect(!listed.text.contains("whsec_"))

        let removed = try await client.send("DELETE", path)
        #expect(removed.status == 204)
        #expect(try await client.get(path).code == "not_found")
        #expect(try await client.get("/v1/webhook_endpoints")["data"] == [])
        #expect(try await client.post(path + "/test").code == "not_found")
    }

    @Test(
        "what cannot be an address or a type is refused, with its place",
        arguments: [
            (["url": "http://shop.example/hook", "types": ["*"]], "/url"),
            (["url": "https://127.0.0.1/hook", "types": ["*"]], "/url"),
            (["url": "https://[::1]:8443/hook", "types": ["*"]], "/url"),
            (["url": "https://localhost/hook", "types": ["*"]], "/url"),
            (["url": "https://user@shop.example/", "types": ["*"]], "/url"),
            (["url": "https:///hook", "types": ["*"]], "/url"),
            (["url": "https://shop.example", "types": ["payment.vanished"]], "/types/0"),
            (["url": "https://shop.example", "types": ["*", "nothing.*"]], "/types/1"),
        ] as [(JSON, String)])
    func refused(wish: JSON, place: String) async throws {
        let client = try await APIServer.shared().tenant().client
        let answer = try await client.post("/v1/webhook_endpoints", wish)
        #expect(answer.code == "invalid_field")
        #expect(answer["param"]?.string == place)
    }

    @Test("a test, what was sent, and what is sent again")
    func deliveries() async throws {
        let server = try await APIServer.shared()
        let client = try await server.tenant().client
        let made = try await client.post("/v1/webhook_endpoints", wish)
        let path = "/v1/webhook_endpoints/\(made["id"]?.string ?? "")"
        let tested = try await client.post(path + "/test")
        #expect(tested.status == 202)
        let event = try #require(tested["event"]?.string)
        let told = try await client.get("/v1/events/\(event)")
        #expect(told["type"] == "webhook.test")
        #expect(told["object"] == made["id"])

        // Nothing carries events on this server: the range finds what there is, and it waits.
        let replayed = try await client.post(
            path + "/replay", ["from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"])
        #expect(replayed.status == 202)
        #expect(replayed["events"] == 1)
        let list = try await client.get(path + "/deliveries?status=waiting&event=\(event)")
        let delivery = try #require(list["data"]?[0])
        #expect(delivery["replay"] == 1)
        #expect(delivery["attempts"] == 0)
        let once = try await client.post(path + "/deliveries/\(delivery["id"]?.string ?? "")/replay")
        #expect(once["replay"] == 2)
        let other = try await server.tenant().client
        #expect(try await other.get(path + "/deliveries").code == "not_found")
    }
}
