// SPDX-License-Identifier: Apache-2.0

import Quantities
import Storage
import Testing

/// Whether a subscriber is there (0013).
@Suite("Subscribers that come back")
struct WebhookReturnTests {
    private let noon = Instant(seconds: 1_800_000_000)

    @Test("only a return after an absence says that something waits", arguments: TestBench.engines)
    func returns(bench: TestBench) async throws {
        try await bench.withStore(migrations: Migration.product) { store in
            let noon = noon
            let endpoint = try await Self.endpoint(in: store, at: noon)
            func back(_ minute: Int64) async throws -> Bool {
                try await store.transaction { tx in
                    try tx.noteReturn(of: endpoint, at: noon + .minutes(minute))
                }
            }
            func away(_ sent: Int64, _ minute: Int64) async throws -> Bool {
                try await store.transaction { tx in
                    try tx.noteAbsence(
                        of: endpoint, sentAt: noon + .minutes(sent), at: noon + .minutes(minute))
                }
            }
            #expect(try await !back(0), "it was never away")
            #expect(try await !away(1, 2))
            #expect(try await !away(2, 3), "still away")
            #expect(try await back(4))
            #expect(try await !back(5), "it is back already")
            #expect(try await away(3, 6), "sent before it came back")
            #expect(try await !back(7), "what was on its way then does not make it absent")
            #expect(try await !away(8, 9), "sent after it came back")
            #expect(try await back(10))
        }
    }

    private static func endpoint(in store: Store, at now: Instant) async throws -> WebhookEndpointID {
        let organisation = OrganisationRecord(
            id: OrganisationID(at: now, random: 1), kind: .test, name: "Harbour", legalName: "Harbour Ltd",
            address: PostalAddress(street: "Quay 1", postalCode: "20457", city: "Hamburg", country: "DE"),
            currency: .eur, timeZone: "Europe/Berlin", country: "DE", policy: OrganisationPolicy(),
            createdAt: now)
        let endpoint = WebhookEndpointRecord(
            id: WebhookEndpointID(at: now, random: 2), organisation: organisation.id,
            url: "https://subscriber.example/hook", types: ["*"], payload: .full, secret: "whsec_1",
            createdAt: now)
        try await store.transaction { tx in
            try tx.insert(organisation)
            try tx.insert(endpoint)
        }
        return endpoint.id
    }
}
