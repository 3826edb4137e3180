// SPDX-License-Identifier: Apache-2.0

/// A hint that an object has changed. Whoever gets it reads the current row, so a lost or repeated hint does
/// no harm (architecture.md §9).
package struct Change: Hashable, Sendable {
    /// What sort of object; the word of its table.
    package struct Kind: RawRepresentable, Hashable, Sendable {
        /// The word.
        package let rawValue: String
        /// A kind by its word.
        package init(rawValue: String) { self.rawValue = rawValue }

        package static let account = Kind(rawValue: "account")
        package static let bill = Kind(rawValue: "bill")
        package static let checkout = Kind(rawValue: "checkout")
        package static let command = Kind(rawValue: "command")
        package static let delivery = Kind(rawValue: "delivery")
        package static let document = Kind(rawValue: "document")
        package static let evse = Kind(rawValue: "evse")
        package static let payment = Kind(rawValue: "payment")
        package static let session = Kind(rawValue: "session")
        package static let station = Kind(rawValue: "station")
        package static let wallet = Kind(rawValue: "wallet")
        package static let workItem = Kind(rawValue: "work_item")
        /// Hints may have been lost (a reconnect): read everything that is watched again.
        package static let everything = Kind(rawValue: "*")
    }

    /// What sort of object.
    package let kind: Kind
    /// Which one.
    package let id: String
    /// Its version after the change, if the writer told it.
    package let version: Int64?

    /// A hint.
    package init(kind: Kind, id: String, version: Int64? = nil) {
        self.kind = kind
        self.id = id
        self.version = version
    }
}
