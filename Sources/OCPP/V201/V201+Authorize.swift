// SPDX-License-Identifier: Apache-2.0
public import JSONText

extension V201 {
    /// May this token charge? (P2 C01)
    public struct Authorize: IncomingMessage, Hashable {
        public static let action = "Authorize"

        /// The token.
        public let idToken: IDToken?

        public init(reading payload: JSON, with decoding: inout Decoding) {
            var fields = PayloadReader.fields(of: payload)
            idToken = decoding.reader.token("idToken", &fields, .required)
            _ = decoding.reader.text(
                "certificate", &fields, limit: decoding.reader.version == .v21 ? 10_000 : 5500)
            _ = decoding.reader.list("iso15118CertificateHashData", &fields)
            decoding.reader.finish(fields)
        }

        /// The answer.
        public static func answer(_ info: IDTokenInfo) -> JSON {
            ["idTokenInfo": info.json]
        }
    }
}
