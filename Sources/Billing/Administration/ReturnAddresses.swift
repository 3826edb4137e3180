// SPDX-License-Identifier: Apache-2.0
import Quantities
package import Storage

/// The addresses to which a gateway's page may send a driver back (api.md §3.5): our own pages, and what the organisation
/// has on its list. Anything else would make us a link in somebody's fraud.
package struct ReturnAddresses: Sendable, Hashable {
    /// Each allows itself and what lies beneath it.
    private let roots: [String]

    package init(_ organisation: OrganisationRecord, ourselves publicURL: String) {
        roots = (organisation.policy.returnURLs ?? []) + (publicURL.isEmpty ? [] : [publicURL])
    }

    /// Whether the address is on the list or beneath something on it: `https://app.example/back` allows
    /// `https://app.example/back/7?ok=1`, and neither `https://app.example/backdoor` nor another port.
    package func allow(_ address: String) -> Bool {
        guard Self.isPlain(address) else { return false }
        return roots.contains { root in
            guard address.hasPrefix(root) else { return false }
            guard let next = address.dropFirst(root.count).first else { return true }
            return root.hasSuffix("/") || ["/", "?", "#"].contains(next)
        }
    }

    /// Why an address cannot be on a list; nil if it can: `https`, or `http` on the same machine, a host, no user, no query
    /// and no fragment.
    static func flaw(of address: String) -> String? {
        guard isPlain(address), let scheme = ["https://", "http://"].first(where: address.hasPrefix) else {
            return "An address begins with https:// and has no blanks, backslashes or dot segments."
        }
        let rest = address.dropFirst(scheme.count)
        guard !rest.contains(where: { ["?", "#", "@"].contains($0) }) else {
            return "An address on the list has no user, query or fragment."
        }
        let authority = rest.prefix { $0 != "/" }
        // an address in brackets has colons of its own
        let host =
            authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
        guard !host.isEmpty else { return "An address has a host." }
        guard scheme == "https://" || ["localhost", "127.0.0.1", "[::1]"].contains(host) else {
            return "Only addresses of the same machine may be without TLS."
        }
        return nil
    }

    /// Whether it reads the same to us and to a browser: visible ASCII, and no segment of dots, however it is written.
    private static func isPlain(_ address: String) -> Bool {
        guard address.utf8.allSatisfy({ (33...126).contains($0) && $0 != UInt8(ascii: "\\") }) else {
            return false
        }
        let path = address.prefix { $0 != "?" && $0 != "#" }.lowercased().replacing("%2e", with: ".")
        return !path.split(separator: "/").contains { $0 == "." || $0 == ".." }
    }
}

extension Desk {
    /// Refuses an address to which a gateway's page must not send a driver back; nil is our own page.
    func check(returnURL: String?, of organisation: OrganisationID, in tx: Tx) throws {
        guard let returnURL else { return }
        guard let row = try tx.find(OrganisationRecord.self, organisation),
            ReturnAddresses(row, ourselves: settings.publicURL).allow(returnURL)
        else { throw CheckoutRefusal.returnURLNotAllowed }
    }
}
