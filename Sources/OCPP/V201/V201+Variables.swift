// SPDX-License-Identifier: Apache-2.0
public import JSONText

extension V201 {
    /// The name of a variable as we write it: `Component.Variable`, or `Component(evse).Variable` for one of an EVSE,
    /// `Component.Variable(instance)` for one of several.
    public struct VariableName: Hashable, Sendable, CustomStringConvertible {
        public let component: String
        public let evseID: Int64?
        public let variable: String
        public let instance: String?

        /// Nil if the text is no such name.
        public init?(_ text: String) {
            let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let (component, evse) = Self.bracketed(parts[0]),
                let (variable, instance) = Self.bracketed(parts[1]),
                (1...50).contains(component.count), (1...50).contains(variable.count)
            else { return nil }
            if let evse, Int64(evse) == nil { return nil }
            self.component = component
            evseID = evse.flatMap { Int64($0) }
            self.variable = variable
            self.instance = instance
        }

        /// A variable as a station named it; nil if it has no names.
        init?(_ json: JSON) {
            guard let component = json["component"]?["name"]?.string,
                let variable = json["variable"]?["name"]?.string
            else { return nil }
            self.component = component
            evseID = json["component"]?["evse"]?["id"]?.int64
            self.variable = variable
            instance = json["variable"]?["instance"]?.string
        }

        public var description: String {
            component + (evseID.map { "(\($0))" } ?? "") + "." + variable + (instance.map { "(\($0))" } ?? "")
        }

        fileprivate var members: [JSON.Member] {
            let place: JSON = .present([
                "name": .string(component), "evse": evseID.map { ["id": JSON($0)] },
            ])
            let name: JSON = .present([
                "name": .string(variable), "instance": instance.map { .string($0) },
            ])
            return [JSON.Member("component", place), JSON.Member("variable", name)]
        }

        /// `name(what)` apart.
        private static func bracketed(_ text: Substring) -> (String, String?)? {
            guard let open = text.firstIndex(of: "(") else { return (String(text), nil) }
            guard text.hasSuffix(")") else { return nil }
            return (String(text[..<open]), String(text[text.index(after: open)...].dropLast()))
        }
    }

    /// Values of variables (P2 B06).
    public struct GetVariables: OutgoingMessage {
        public static let action = "GetVariables"
        /// At least one.
        public var names: [VariableName]

        public init(names: [VariableName]) { self.names = names }

        public var payload: JSON {
            ["getVariableData": .array(names.map { .object($0.members) })]
        }

        /// What was told: values by name. Variables that the station does not know are missing.
        public static func values(in reply: JSON) -> [String: String] {
            var values: [String: String] = [:]
            for entry in reply["getVariableResult"]?.array ?? [] {
                guard entry["attributeStatus"]?.string == "Accepted", let name = VariableName(entry) else {
                    continue
                }
                values[name.description] = entry["attributeValue"]?.string ?? ""
            }
            return values
        }
    }

    /// Change a variable (P2 B05).
    public struct SetVariables: OutgoingMessage {
        public static let action = "SetVariables"
        public var name: VariableName
        /// At most 1,000 characters.
        public var value: String

        public init(_ name: VariableName, value: String) {
            self.name = name
            self.value = value
        }

        public var payload: JSON {
            ["setVariableData": [.object(name.members + [JSON.Member("attributeValue", .string(value))])]]
        }

        /// The station's word about the variable, e.g. `Accepted` or `RebootRequired`.
        public static func status(in reply: JSON) -> StatusReply {
            let result = reply["setVariableResult"]?[0]
            return StatusReply(
                .present([
                    "status": result?["attributeStatus"], "statusInfo": result?["attributeStatusInfo"],
                ]))
        }
    }

    /// Forget all tokens that were remembered (P2 C11).
    public struct ClearCache: OutgoingMessage {
        public static let action = "ClearCache"
        public init() {}
        public var payload: JSON { [:] }
    }

    /// List all variables (P2 B07).
    public struct GetBaseReport: OutgoingMessage {
        public static let action = "GetBaseReport"
        /// Comes back in the NotifyReports.
        public var requestID: Int64

        public init(requestID: Int64) { self.requestID = requestID }

        public var payload: JSON { ["reportBase": "FullInventory", "requestId": JSON(requestID)] }
    }
}
