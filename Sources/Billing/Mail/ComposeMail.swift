// SPDX-License-Identifier: Apache-2.0

import Quantities
import Receipts
import Storage

/// Writes a mail from what it is about, when it leaves: nothing of its text is kept.
struct ComposeMail {
    let desk: Desk

    /// The message; nil if what it is about is gone.
    func callAsFunction(_ mail: MailRecord, to address: MailAddress) async throws -> MailMessage? {
        switch mail.kind {
        case .document: try await document(mail, to: address)
        case .webhookFailing: try await webhookFailing(mail, to: address)
        }
    }

    /// Text and page with the same numbers, and the PDF: the bytes that everybody gets.
    private func document(_ mail: MailRecord, to address: MailAddress) async throws -> MailMessage? {
        let found = try await desk.store.read { tx in try tx.find(DocumentRecord.self, mail.object) }
        guard let found else { return nil }
        let render = RenderReceipt(desk: desk)
        let shown = try await render.document(found)
        return MailMessage(
            id: mail.id, to: address, sender: shown.seller, subject: "\(shown.title), \(shown.seller)",
            text: shown.text, html: String(decoding: try await render(found, as: .html), as: UTF8.self),
            attachments: [
                MailMessage.Attachment(
                    name: "\(found.label).pdf", mediaType: RenderReceipt.Form.pdf.mediaType,
                    bytes: try await render(found, as: .pdf))
            ], writtenAt: mail.createdAt)
    }

    private func webhookFailing(_ mail: MailRecord, to address: MailAddress) async throws -> MailMessage? {
        let endpoint = try await desk.store.read { tx in try tx.find(WebhookEndpointRecord.self, mail.object)
        }
        guard let endpoint else { return nil }
        let since = endpoint.failingSince ?? mail.createdAt
        return MailMessage(
            id: mail.id, to: address, sender: "Amptill", subject: "A subscriber to events does not answer",
            text: """
                \(endpoint.url) has taken no event for three days. Since \(since.iso8601) none is sent there any more.

                Events are kept and can be replayed. Once it answers again, make the endpoint \(endpoint.id) active:
                \(desk.settings.publicURL)/operator

                """, writtenAt: mail.createdAt)
    }
}
