// SPDX-License-Identifier: Apache-2.0
import OCPP

/// What 2.1 adds.
extension V21 {
    /// What a call means; nil if nothing comes of it but a line in the journal.
    static func translate(_ call: Conversation.Call) -> Translated? {
        switch call.action {
        // Stored as evidence. Money moves when our own gateway says so, never on a terminal's word alone.
        case NotifySettlement.action: V201.acknowledged(NotifySettlement.decode(call.payload, version: .v21))
        case VatNumberValidation.action:
            V201.noted(VatNumberValidation.decode(call.payload, version: .v21)) { $0.refusal }
        default: nil
        }
    }
}
