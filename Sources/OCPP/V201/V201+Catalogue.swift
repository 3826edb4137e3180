// SPDX-License-Identifier: Apache-2.0

extension V201 {
    /// The 64 messages of 2.0.1, which are in 2.1 as well.
    static let catalogue: [Catalogue.Entry] =
        Catalogue.entries(
            .station, .read,
            "Authorize", "BootNotification", "Heartbeat", "MeterValues", "NotifyEvent", "NotifyReport",
            "StatusNotification", "TransactionEvent")
        + Catalogue.entries(
            .station, .journal,
            "ClearedChargingLimit", "FirmwareStatusNotification", "LogStatusNotification",
            "NotifyChargingLimit", "NotifyCustomerInformation", "NotifyDisplayMessages",
            "NotifyEVChargingSchedule", "NotifyMonitoringReport", "PublishFirmwareStatusNotification",
            "ReportChargingProfiles", "ReservationStatusUpdate", "SecurityEventNotification")
        + Catalogue.entries(
            .station, .declined,
            "Get15118EVCertificate", "GetCertificateStatus", "NotifyEVChargingNeeds", "SignCertificate")
        + Catalogue.entries(.both, .declined, "DataTransfer")
        + Catalogue.entries(
            .us, .sent,
            "ChangeAvailability", "CostUpdated", "GetTransactionStatus", "RequestStartTransaction",
            "RequestStopTransaction", "Reset", "TriggerMessage", "UnlockConnector")
        + Catalogue.entries(
            .us, .later,
            "CancelReservation", "CertificateSigned", "ClearCache", "ClearChargingProfile",
            "ClearDisplayMessage", "ClearVariableMonitoring", "CustomerInformation", "DeleteCertificate",
            "GetBaseReport", "GetChargingProfiles", "GetCompositeSchedule", "GetDisplayMessages",
            "GetInstalledCertificateIds", "GetLocalListVersion", "GetLog", "GetMonitoringReport", "GetReport",
            "GetVariables", "InstallCertificate", "PublishFirmware", "ReserveNow", "SendLocalList",
            "SetChargingProfile", "SetDisplayMessage", "SetMonitoringBase", "SetMonitoringLevel",
            "SetNetworkProfile", "SetVariableMonitoring", "SetVariables", "UnpublishFirmware",
            "UpdateFirmware")
}
