// SPDX-License-Identifier: Apache-2.0
public import JSONText

extension V16 {
    /// A station is alive and asks for the time (1.6 §4.6). 2.x has the same message.
    public struct Heartbeat: IncomingMessage, Hashable {
        public static let action = "Heartbeat"

        public init(reading payload: JSON, with decoding: inout Decoding) {
            decoding.reader.finish(PayloadReader.fields(of: payload))
        }

        /// The answer.
        public static func answer(atNanoseconds now: Int64) -> JSON {
            ["currentTime": .string(Timestamp.text(nanoseconds: now))]
        }
    }
}
