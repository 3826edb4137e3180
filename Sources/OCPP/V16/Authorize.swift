// SPDX-License-Identifier: Apache-2.0
public import JSONText

extension V16 {
    /// May this token charge? (1.6 §4.1)
    public struct Authorize: IncomingMessage, Hashable {
        public static let action = "Authorize"

        /// The token as the reader gave it, never trimmed (C23).
        public let idTag: String?

        public init(reading payload: JSON, with decoding: inout Decoding) {
            var fields = PayloadReader.fields(of: payload)
            idTag = decoding.reader.text("idTag", &fields, .required, limit: 20)
            decoding.reader.finish(fields)
        }

        /// The answer.
        public static func answer(_ info: IDTagInfo) -> JSON {
            ["idTagInfo": info.json]
        }
    }
}
