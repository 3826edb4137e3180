// SPDX-License-Identifier: Apache-2.0
public import JSONText

extension V201 {
    /// One part of the list of a station's variables (P2 B07, B08).
    public struct NotifyReport: IncomingMessage, Hashable {
        public static let action = "NotifyReport"

        /// The request that it answers.
        public let requestID: Int64?
        /// Place of this part, from 0.
        public let seqNo: Int64?
        /// Whether another part follows.
        public let toBeContinued: Bool
        /// The variables with an actual value.
        public let variables: [Variable]

        /// One variable as it is now.
        public struct Variable: Hashable, Sendable {
            /// The component, e.g. `TxCtrlr`.
            public let component: String
            /// The variable, e.g. `TxStartPoint`.
            public let name: String
            /// The EVSE it belongs to, if any.
            public let evseID: Int64?
            /// Its actual value.
            public let value: String
        }

        public init(reading payload: JSON, with decoding: inout Decoding) {
            var fields = PayloadReader.fields(of: payload)
            requestID = decoding.reader.integer("requestId", &fields, .required)
            seqNo = decoding.reader.integer("seqNo", &fields, .required)
            _ = decoding.reader.timestamp("generatedAt", &fields, .required)
            toBeContinued = decoding.reader.bool("tbc", &fields) ?? false
            var variables: [Variable] = []
            for var entry in decoding.reader.objects("reportData", &fields) {
                variables += Self.variables(&entry, with: &decoding)
                decoding.reader.finish(entry)
            }
            self.variables = variables
            decoding.reader.finish(fields)
        }

        private static func variables(_ entry: inout Fields, with decoding: inout Decoding) -> [Variable] {
            var component = decoding.reader.object("component", &entry, .required)
            var variable = decoding.reader.object("variable", &entry, .required)
            _ = decoding.reader.any("variableCharacteristics", &entry)
            var attributes = decoding.reader.objects("variableAttribute", &entry, .required)
            guard var componentFields = component.take(), var variableFields = variable.take() else {
                return []
            }
            let componentName = decoding.reader.text("name", &componentFields, .required, limit: 50)
            let name = decoding.reader.text("name", &variableFields, .required, limit: 50)
            let evse = decoding.reader.evse("evse", &componentFields)
            guard let componentName, let name else { return [] }
            var found: [Variable] = []
            for index in attributes.indices {
                let type = decoding.reader.text("type", &attributes[index]) ?? "Actual"
                let value = decoding.reader.text("value", &attributes[index], limit: 2500)
                guard type == "Actual", let value else { continue }
                found.append(Variable(component: componentName, name: name, evseID: evse?.id, value: value))
            }
            return found
        }
    }
}
