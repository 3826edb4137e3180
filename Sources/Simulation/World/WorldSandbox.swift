// SPDX-License-Identifier: Apache-2.0

import Billing
import JSONText
import Payments
import Quantities
import Storage

/// The Sandbox as the world's gateway: asked in process, its webhooks carried as parcels.
struct WorldSandbox: GatewaySender, Courier {
    private let desk: Desk
    private let sandbox: Sandbox
    private let receive: ReceiveWebhook

    init(desk: Desk) async throws {
        self.desk = desk
        let account = try await desk.store.read { tx in
            try tx.organisations().compactMap { try tx.gatewayAccount(of: $0.id) }.first
        }
        sandbox = Sandbox(
            baseURL: "", secret: account?.secret ?? "", webhookSecret: account?.webhookSecret ?? "")
        receive = ReceiveWebhook(desk: desk)
    }

    var destination: String { "sandbox" }

    func send(_ request: GatewayRequest) async -> SentAnswer {
        do {
            let response = try await respond(
                Sandbox.Request(
                    method: request.method, path: request.url, headers: request.headers, body: request.body))
            return response.isLost
                ? .lost : .answered(GatewayAnswer(status: response.status, body: response.body))
        } catch {
            return .lost
        }
    }

    func crashPoint(_ moment: String) async {}

    /// The driver picks an instrument on the hosted page.
    func choose(_ instrument: String, for payment: PaymentID) async throws {
        _ = try await respond(
            Sandbox.Request(
                method: "POST", path: "/sandbox/checkout/\(payment)", headers: [:],
                body: Array("instrument=\(instrument)".utf8)))
    }

    private func respond(_ request: Sandbox.Request) async throws -> Sandbox.Response {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            let (response, webhooks) = try sandbox.respond(
                to: request, at: now, books: StoredSandboxBooks(tx))
            for webhook in webhooks {
                let id: ParcelID = desk.ids.new(at: now)
                let signature = webhook.headers[SandboxGateway.signatureHeader] ?? ""
                try tx.insert(
                    ParcelRecord(
                        id: id, stream: "sandbox:\(id)", destination: "sandbox", kind: "webhook",
                        body: "\(webhook.account)\n\(signature)\n"
                            + String(decoding: webhook.body, as: UTF8.self),
                        dueAt: now, createdAt: now))
            }
            return response
        }
    }

    func deliver(_ parcel: ParcelRecord) async throws -> Delivered {
        let parts = parcel.body.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return .withdrawn }
        _ = try await receive(
            account: String(parts[0]), headers: [SandboxGateway.signatureHeader: String(parts[1])],
            body: Array(parts[2].utf8))
        return .done
    }
}

extension Sandbox {
    /// What the Sandbox has captured and not given back in all, minor units, by its own books.
    package static func kept(in books: some SandboxBooks) throws -> Int64 {
        try books.objects("payment").reduce(0) { sum, object in
            guard let payment = SandboxPayment(stored: object.body) else { return sum }
            return sum + payment.captured - payment.refunded
        }
    }
}
