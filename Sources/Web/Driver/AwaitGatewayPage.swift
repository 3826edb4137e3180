// SPDX-License-Identifier: Apache-2.0

import Billing
import Quantities
import Storage

/// Asks for a hold, and waits a moment for the address of the gateway's page.
struct AwaitGatewayPage: Sendable {
    let desk: Desk
    let hub: LiveHub
    /// How long to wait: whoever waited in vain sees a page that goes on by itself.
    private static let patience = Duration.seconds(3)

    /// The payment once its page is known, it was refused, or the time was over.
    func callAsFunction(
        of visit: Visit, asking request: () async throws -> PaymentRecord
    ) async throws -> PaymentRecord {
        let watch = hub.watch(visit.watches)
        defer { watch.end() }
        var payment = try await request()
        let alarm = Task {
            // A cancelled alarm rings early, when nobody listens any more.
            try? await Task.sleep(for: Self.patience)
            watch.end()
        }
        defer { alarm.cancel() }
        let id = payment.id
        var signals = watch.signals.makeAsyncIterator()
        while payment.nextAction == nil, !payment.isOver, payment.authorizedAt == nil,
            await signals.next() != nil
        {
            payment = try await desk.store.read { tx in try tx.find(PaymentRecord.self, id) } ?? payment
        }
        return try await desk.store.read { tx in try tx.find(PaymentRecord.self, id) } ?? payment
    }
}
