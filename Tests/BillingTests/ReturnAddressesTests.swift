// SPDX-License-Identifier: Apache-2.0

import Billing
import Quantities
import Storage
import Testing

/// Where a gateway's page may send a driver back to: our own pages, the organisation's list, and nothing that looks alike.
@Suite("Addresses drivers return to")
struct ReturnAddressesTests {
    private static let listed = [
        "https://app.example/back", "https://open.example/", "http://localhost:8080",
    ]

    @Test(
        "what is on the list or beneath it is allowed",
        arguments: [
            "https://app.example/back", "https://app.example/back/7?ok=1#x",
            "https://app.example/back?to=%2Fa",
            "https://open.example/", "https://open.example/a/b", "http://localhost:8080/x",
            "https://charge.example", "https://charge.example/s/5Zk",
        ])
    func allowed(address: String) async throws {
        #expect(try await addresses().allow(address))
    }

    @Test(
        "what only looks alike is not",
        arguments: [
            "https://app.example/backdoor", "https://app.example/", "https://app.example.evil.example/back",
            "https://app.example@evil.example/back", "http://app.example/back",
            "https://app.example:444/back",
            "https://open.example.evil.example/", "https://open.example", "https://app.example/back/../admin",
            "https://app.example/back/%2e%2E/admin", "https://app.example/back\\..\\x",
            "https://app.example/back x",
            "https://charge.example.evil.example/", "https://evil.example/?https://app.example/back", "",
            "/back",
            "javascript:alert(1)", "https://APP.example/back",
        ])
    func refused(address: String) async throws {
        #expect(try await !addresses().allow(address))
    }

    @Test(
        "an empty list allows our own pages only, and a server without an address of its own allows nothing")
    func empty() async throws {
        #expect(try await addresses([]).allow("https://charge.example/s/5Zk"))
        #expect(try await !addresses([]).allow("https://app.example/back"))
        #expect(try await !addresses([], ourselves: "").allow("https://app.example/back"))
    }

    @Test(
        "an address that would allow too much is refused with its place",
        arguments: [
            "http://app.example/back", "https://", "https://user@app.example/", "https://app.example/?a=1",
            "https://app.example/#a", "https://app.example/../x", "ftp://app.example/",
            "https://app example/",
            "http://localhost.evil.example/", "https://:443/",
        ])
    func flawed(address: String) async throws {
        let shop = try await Shop.open()
        var changes = Organisations.Changes()
        changes.returnURLs = ["https://fine.example/", address]

        let version = try #require(try await shop.organisationVersion())
        let organisations = Organisations(desk: shop.desk)
        let refusal = await #expect(throws: AdministrationRefusal.self) {
            try await organisations.change(changes, version: version, by: shop.author)
        }
        guard case .invalid(field: "/return_urls/1", _)? = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
    }

    private func addresses(
        _ list: [String] = listed, ourselves: String = "https://charge.example"
    ) async throws -> ReturnAddresses {
        let shop = try await Shop.open()
        var changes = Organisations.Changes()
        changes.returnURLs = list
        let row = try await Organisations(desk: shop.desk).change(
            changes, version: try #require(try await shop.organisationVersion()), by: shop.author)
        return ReturnAddresses(row, ourselves: ourselves)
    }
}

extension Shop {
    fileprivate func organisationVersion() async throws -> Int64? {
        try await desk.store.read { tx in try tx.find(OrganisationRecord.self, organisation)?.version }
    }
}
