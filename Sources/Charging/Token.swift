// SPDX-License-Identifier: Apache-2.0

/// Rules about the texts that identify drivers to stations.
package enum Token {
    /// A one-time token for a guest's start: `A` and 19 characters (charging.md §9); 20 are all that OCPP 1.6
    /// allows.
    package static func paymentUID(from high: UInt64, _ low: UInt64) -> String {
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
        let bits = UInt128(high) << 64 | UInt128(low)
        let characters = (0..<19).map { alphabet[Int((bits >> UInt128(5 * $0)) & 31)] }
        return "A" + String(decoding: characters, as: UTF8.self)
    }
}
