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
            "ChangeAvailability", "ClearCache", "CostUpdated", "GetBaseReport", "GetTransactionStatus",
            "GetVariables", "RequestStartTransaction", "RequestStopTransaction", "Reset", "SetVariables",
            "TriggerMessage", "UnlockConnector")
        + Catalogue.entries(
            .us, .later,
            "CancelReservation", "CertificateSigned", "ClearChargingProfile",
            "ClearDisplayMessage", "ClearVariableMonitoring", "CustomerInformation", "DeleteCertificate",
            "GetChargingProfiles", "GetCompositeSchedule", "GetDisplayMessages",
            "GetInstalledCertificateIds", "GetLocalListVersion", "GetLog", "GetMonitoringReport", "GetReport",
            "InstallCertificate", "PublishFirmware", "ReserveNow", "SendLocalList",
            "SetChargingProfile", "SetDisplayMessage", "SetMonitoringBase", "SetMonitoringLevel",
            "SetNetworkProfile", "SetVariableMonitoring", "UnpublishFirmware",
            "UpdateFirmware")
}
