// SPDX-License-Identifier: Apache-2.0

package import Billing
import JSONText
package import Payments
package import Quantities
package import Storage

/// The Sandbox with its stored books and its post: requests come in, webhooks leave as parcels and arrive through the
/// same door as any gateway's.
///
/// Its books are its own: each request is a transaction of its own, and never one with ours.
package struct SandboxOffice: GatewaySender, Courier {
    private let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    package var destination: String { "sandbox" }
    package func crashPoint(_ moment: String) async {}

    /// Everybody who may speak to it: the accounts of test organisations that are kept here.
    private func sandbox() async throws -> Sandbox {
        let home = desk.settings.publicURL + "/sandbox"
        let accounts = try await desk.store.read { tx in
            try tx.organisations().filter { $0.kind == .test }.flatMap { try tx.gatewayAccounts(of: $0.id) }
        }
        let merchants = accounts.filter { $0.kind == "sandbox" || $0.baseUrl.hasPrefix(home) }.map {
            Sandbox.Merchant(account: $0.id.text, secret: $0.secret, webhookSecret: $0.webhookSecret)
        }
        return Sandbox(baseURL: desk.settings.publicURL, merchants: merchants)
    }

    /// A request of our own payment courier, in process. Who waits longer than allowed gets no answer.
    package func send(_ request: GatewayRequest) async -> SentAnswer {
        let path = String(request.url.dropFirst(desk.settings.publicURL.utf8.count))
        do {
            let response = try await respond(
                Sandbox.Request(
                    method: request.method, path: path, headers: request.headers, body: request.body))
            return response.isLost || response.delaySeconds > request.timeoutSeconds
                ? .lost : .answered(GatewayAnswer(status: response.status, body: response.body))
        } catch {
            // A gateway whose database fails gives no answer: that is a doubt, and is asked about.
            return .lost
        }
    }

    /// Any request, from our server, a foreign client or a driver's browser.
    package func respond(_ request: Sandbox.Request) async throws -> Sandbox.Response {
        let now = desk.clock.now
        let sandbox = try await sandbox()
        let (response, early) = try await desk.store.transaction { tx in
            let (response, webhooks) = try sandbox.respond(
                to: request, at: now, books: StoredSandboxBooks(tx))
            try enqueue(webhooks.filter { !$0.isFirst }, in: tx, at: now)
            return (response, webhooks.filter(\.isFirst))
        }
        for webhook in early { try await receive(sandbox.signed(webhook, at: now)) }
        return response
    }

    /// Carries out what has become due in the Sandbox; returns how much it told because of it.
    package func passTime() async throws -> Int {
        let now = desk.clock.now
        let isDue = try await desk.store.read { tx in
            try !tx.sandboxObjects(
                "due", after: nil, before: SandboxClock.digits(now.seconds + 1), limit: 1
            ).isEmpty
        }
        guard isDue else { return 0 }
        let sandbox = try await sandbox()
        return try await desk.store.transaction { tx in
            let webhooks = try sandbox.passTime(to: now, books: StoredSandboxBooks(tx))
            try enqueue(webhooks, in: tx, at: now)
            return webhooks.count
        }
    }

    /// As a background worker.
    package var worker: Worker {
        Worker(name: "sandbox", desk: desk, bell: nil, pause: .milliseconds(500)) { try await passTime() }
    }

    private func enqueue(_ webhooks: [Sandbox.Webhook], in tx: Tx, at now: Instant) throws {
        for webhook in webhooks {
            let id: ParcelID = desk.ids.new(at: now)
            try tx.insert(
                ParcelRecord(
                    id: id, stream: "sandbox:\(id)", destination: destination, kind: "webhook",
                    body: webhook.packed, dueAt: max(webhook.dueAt, now), createdAt: now))
        }
        if !webhooks.isEmpty { tx.ring(.outbox) }
    }

    package func deliver(_ parcel: ParcelRecord) async throws -> Delivered {
        guard let webhook = Sandbox.Webhook(packed: parcel.body) else { return .withdrawn }
        // Signed when it leaves: a signature is good for 300 s only.
        try await receive(try await sandbox().signed(webhook, at: desk.clock.now))
        return .done
    }

    private func receive(_ webhook: Sandbox.Webhook) async throws {
        _ = try await ReceiveWebhook(desk: desk)(
            account: webhook.account, headers: webhook.headers, body: webhook.body)
    }

    /// A driver picks an instrument on the hosted page, and confirms on the bank's page if there is one.
    package func choose(_ instrument: String, for payment: String) async throws {
        let pages = [
            ("/sandbox/checkout/\(payment)", "instrument=\(instrument)"),
            ("/sandbox/3ds/\(payment)", "answer=confirm"),
        ]
        for (path, form) in pages.prefix(instrument.hasPrefix("challenge_") ? 2 : 1) {
            _ = try await respond(
                Sandbox.Request(method: "POST", path: path, headers: [:], body: Array(form.utf8)))
        }
    }

    /// Draws faults from a seed for the calls of an organisation's accounts.
    package func drawFaults(seed: UInt64, perMille: Int64, of organisation: OrganisationID) async throws {
        let sandbox = try await sandbox()
        try await desk.store.transaction { tx in
            for account in try tx.gatewayAccounts(of: organisation) {
                try sandbox.drawFaults(
                    seed: seed, perMille: perMille, for: account.id.text, books: StoredSandboxBooks(tx))
            }
        }
    }

    /// Arms a fault for the calls of an organisation's accounts.
    package func arm(_ fault: ArmedFault, of organisation: OrganisationID) async throws {
        let sandbox = try await sandbox()
        try await desk.store.transaction { tx in
            for account in try tx.gatewayAccounts(of: organisation) {
                try sandbox.arm(fault, for: account.id.text, books: StoredSandboxBooks(tx))
            }
        }
    }
}
