// SPDX-License-Identifier: Apache-2.0

/// Every message of every version, who sends it, and what we do with it. `docs/specs` shows the same tables.
public enum Catalogue {
    /// One message of one version.
    public struct Entry: Hashable, Sendable {
        /// The name on the wire.
        public let action: String
        /// Who sends it.
        public let sender: Sender
        /// What we do with it.
        public let handling: Handling
    }

    /// Who sends a message.
    public enum Sender: String, Hashable, Sendable {
        case station
        case us
        case both
    }

    /// What we do with a message.
    public enum Handling: String, Hashable, Sendable {
        /// Read field by field; something comes of it.
        case read
        /// Stored in the station's journal and acknowledged.
        case journal
        /// Answered with the schema's own word for "no".
        case declined
        /// We send it.
        case sent
        /// We do not send it yet.
        case later
    }

    /// What to do with a call of that name from a station.
    public enum Verdict: Hashable, Sendable {
        /// It is one that stations send.
        case expected(Handling)
        /// It exists, but is not for us to receive.
        case notSupported
        /// There is no such message in this version.
        case notImplemented
    }

    /// All messages of a version, by name.
    public static func entries(of version: OCPPVersion) -> [Entry] {
        let entries =
            switch version {
            case .v16: V16.catalogue
            case .v201: V201.catalogue
            case .v21: V201.catalogue + V21.catalogue
            }
        return entries.sorted { $0.action < $1.action }
    }

    /// What to do with a call from a station.
    public static func verdict(on action: String, in version: OCPPVersion) -> Verdict {
        guard let entry = index[version]?[action] else { return .notImplemented }
        return entry.sender == .us ? .notSupported : .expected(entry.handling)
    }

    /// Whether a message may carry money, and is never refused for its content (charging.md §3).
    public static func mayCarryMoney(_ action: String, in version: OCPPVersion) -> Bool {
        switch (version, action) {
        case (.v16, "StartTransaction"), (.v16, "StopTransaction"), (_, "MeterValues"), (_, "DataTransfer"),
            (.v201, "TransactionEvent"), (.v21, "TransactionEvent"), (.v21, "NotifySettlement"):
            true
        default: false
        }
    }

    private static let index: [OCPPVersion: [String: Entry]] = {
        var index: [OCPPVersion: [String: Entry]] = [:]
        for version in OCPPVersion.allCases {
            index[version] = Dictionary(entries(of: version).map { ($0.action, $0) }) { first, _ in first }
        }
        return index
    }()

    static func entries(_ sender: Sender, _ handling: Handling, _ actions: String...) -> [Entry] {
        actions.map { Entry(action: $0, sender: sender, handling: handling) }
    }
}
