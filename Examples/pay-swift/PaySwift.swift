// SPDX-License-Identifier: Apache-2.0

import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// What an integrator does with Amptill, in Swift:
///
///     pay-swift checkout http://localhost:8080 K7QM2       a guest's way from the price to the hold and back
///     pay-swift wallet http://localhost:8080 amp_test_…   a top-up of a prepaid balance, and a refund of part of it
///     pay-swift verify whsec_… "t=…,v1=…" < body           whether an event is genuine
@main
struct PaySwift {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        switch (arguments.first, arguments.count) {
        case ("checkout", 3):
            guard let server = URL(string: arguments[arguments.startIndex + 1]) else { return usage() }
            try await checkout(at: server, evse: arguments[arguments.startIndex + 2])
        case ("wallet", 3):
            guard let server = URL(string: arguments[arguments.startIndex + 1]) else { return usage() }
            try await wallet(at: server, key: arguments[arguments.startIndex + 2])
        case ("verify", 3):
            verify(
                secret: arguments[arguments.startIndex + 1], header: arguments[arguments.startIndex + 2])
        default: usage()
        }
    }

    private static func usage() {
        print(
            "pay-swift checkout <server> <evse code> | pay-swift wallet <server> <key> | pay-swift verify <secret> <signature> < body"
        )
        exit(2)
    }

    // MARK: a guest's checkout

    struct Checkout: Decodable {
        struct Quote: Decodable {
            struct Price: Decodable {
                let price: String
                let currency: String
                let per: String
            }
            let hash: String
            let prices: [Price]
        }
        struct Action: Decodable { let url: URL }
        let id: String
        let status: String
        let guestToken: String?
        let quote: Quote
        let nextAction: Action?
        let held: Money?
        let releasedAt: String?
    }

    private struct Opening: Encodable {
        let evse: String
    }

    private struct Acceptance: Encodable {
        let acceptQuote: String
        let method = "card"
        let autoStart = false
    }

    private struct Nothing: Encodable {}

    private static func checkout(at server: URL, evse: String) async throws {
        let opened: Checkout = try await Amptill(server: server).post("/v1/checkouts", Opening(evse: evse))
        let guest = Amptill(server: server, credential: opened.guestToken)
        let path = "/v1/checkouts/" + opened.id
        for price in opened.quote.prices.prefix(1) {
            print("price", price.price, price.currency, "per", price.per)
        }

        // The guest accepts exactly the price that was shown; the hash proves it.
        let _: Checkout = try await guest.post(path + "/pay", Acceptance(acceptQuote: opened.quote.hash))
        let paying: Checkout = try await guest.wait(path) { $0.nextAction != nil }
        if let page = paying.nextAction?.url { try await confirm(at: page) }
        let funded: Checkout = try await guest.wait(path) { $0.status == "funded" }
        print("held", funded.held?.description ?? "nothing")

        let _: Checkout = try await guest.post(path + "/cancel", Nothing())
        let last: Checkout = try await guest.wait(path) { $0.releasedAt != nil }
        print("released", last.status)
    }

    /// What the driver does on the Sandbox's page; with a real gateway a person does it in a browser.
    static func confirm(at page: URL) async throws {
        var request = URLRequest(url: page)
        request.httpMethod = "POST"
        request.httpBody = Data("instrument=ok".utf8)
        request.setValue("application/x-www-form-urlencoded", forHTTPHeaderField: "Content-Type")
        _ = try await URLSession.shared.data(for: request)
    }

    // MARK: a webhook's signature

    private static func verify(secret: String, header: String) {
        let body = FileHandle.standardInput.readDataToEndOfFile()
        let isGenuine = Webhook.isGenuine(
            body, header: header, secret: secret, now: Int64(Date().timeIntervalSince1970))
        print(isGenuine ? "genuine" : "not genuine")
        exit(isGenuine ? 0 : 1)
    }
}
