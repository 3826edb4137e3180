// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Which addresses of the network are not for strangers: requests that others can cause must not reach them
/// (api.md §3.11; the ranges are those of the IANA special-purpose registries, RFC 6890).
package enum PrivateAddress {
    /// Whether a text is the address of a private, local or special host. A name is no address: it is looked up first.
    package static func isPrivate(_ text: String) -> Bool {
        if let bytes = bytes(of: text, AF_INET, 4) { return isPrivate(version4: bytes) }
        if let bytes = bytes(of: text, AF_INET6, 16) { return isPrivate(version6: bytes) }
        return false
    }

    /// Whether a text is an address at all.
    package static func isAddress(_ text: String) -> Bool {
        bytes(of: text, AF_INET, 4) != nil || bytes(of: text, AF_INET6, 16) != nil
    }

    /// Whether an address lies in a network such as `192.0.2.0/24`; an address alone is a network of one.
    package static func isInside(_ text: String, network: String) -> Bool {
        let parts = network.split(separator: "/", maxSplits: 1).map(String.init)
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            guard let base = parts.first.flatMap({ bytes(of: $0, family, count) }),
                let address = bytes(of: unmapped(text), family, count)
            else { continue }
            let length = parts.count > 1 ? Int(parts[1]) ?? -1 : count * 8
            guard (0...count * 8).contains(length) else { return false }
            return (0..<length).allSatisfy { bit in
                (base[bit / 8] ^ address[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
            }
        }
        return false
    }

    /// Whether a text names a network that `isInside` understands.
    package static func isNetwork(_ text: String) -> Bool {
        guard let host = text.split(separator: "/").first.map(String.init) else { return false }
        return isAddress(host) && isInside(host, network: text)
    }

    /// `::ffff:192.0.2.1` is `192.0.2.1`.
    private static func unmapped(_ text: String) -> String {
        text.lowercased().hasPrefix("::ffff:") && text.contains(".") ? String(text.dropFirst(7)) : text
    }

    private static func bytes(of text: String, _ family: Int32, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }

    private static func isPrivate(version4 b: [UInt8]) -> Bool {
        switch (b[0], b[1]) {
        case (0, _), (10, _), (127, _), (169, 254), (192, 168): true
        case (100, 64...127), (172, 16...31), (198, 18...19): true
        case (192, 0): b[2] == 0 || b[2] == 2
        case (198, 51): b[2] == 100
        case (203, 0): b[2] == 113
        default: b[0] >= 224
        }
    }

    private static func isPrivate(version6 b: [UInt8]) -> Bool {
        if b[..<12].elementsEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) {
            return isPrivate(version4: Array(b[12...]))
        }
        // NAT64 (RFC 6052) and 6to4 (RFC 3056) carry an address of version 4 inside.
        if b[..<12].elementsEqual([0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]) {
            return isPrivate(version4: Array(b[12...]))
        }
        if b[0] == 0x20, b[1] == 0x02 { return isPrivate(version4: Array(b[2..<6])) }
        if b[..<15].allSatisfy({ $0 == 0 }) { return true }
        // Unique local, link local, site local, multicast, documentation.
        return b[0] & 0xFE == 0xFC || (b[0] == 0xFE && b[1] & 0x80 == 0x80) || b[0] == 0xFF
            || (b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0D && b[3] == 0xB8)
    }
}
