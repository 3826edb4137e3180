// SPDX-License-Identifier: Apache-2.0

import Quantities
package import Storage

extension EventRecord {
    /// The version of the API whose words events use.
    package static let version = APIVersion.current

    /// The event as it is told outside. The same event gives the same bytes, always.
    package func body(_ payload: WebhookEndpointRecord.Payload) -> String {
        // Everything here but `data` is of our own alphabet, and `data` is JSON already.
        let head = """
            {"id":"\(id)","type":"\(type)","object":"\(object)","created_at":"\(createdAt.iso8601)",\
            "sequence":\(sequence),"version":"\(Self.version)","organisation":"\(organisation)"
            """
        return payload == .full ? head + ",\"data\":\(data)}" : head + "}"
    }
}
