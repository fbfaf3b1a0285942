package passkeys

import "fmt"

// Status is the first byte of every CTAP answer (CTAP 2.1, section 8.2). It implements error; StatusOK is never returned as one.
type Status byte

// The status codes.
const (
	StatusOK                     Status = 0x00
	StatusInvalidCommand         Status = 0x01
	StatusInvalidParameter       Status = 0x02
	StatusInvalidLength          Status = 0x03
	StatusInvalidSeq             Status = 0x04
	StatusTimeout                Status = 0x05
	StatusChannelBusy            Status = 0x06
	StatusLockRequired           Status = 0x0a
	StatusInvalidChannel         Status = 0x0b
	StatusCBORUnexpectedType     Status = 0x11
	StatusInvalidCBOR            Status = 0x12
	StatusMissingParameter       Status = 0x14
	StatusLimitExceeded          Status = 0x15
	StatusFPDatabaseFull         Status = 0x17
	StatusLargeBlobStorageFull   Status = 0x18
	StatusCredentialExcluded     Status = 0x19
	StatusProcessing             Status = 0x21
	StatusInvalidCredential      Status = 0x22
	StatusUserActionPending      Status = 0x23
	StatusOperationPending       Status = 0x24
	StatusNoOperations           Status = 0x25
	StatusUnsupportedAlgorithm   Status = 0x26
	StatusOperationDenied        Status = 0x27
	StatusKeyStoreFull           Status = 0x28
	StatusUnsupportedOption      Status = 0x2b
	StatusInvalidOption          Status = 0x2c
	StatusKeepAliveCancel        Status = 0x2d
	StatusNoCredentials          Status = 0x2e
	StatusUserActionTimeout      Status = 0x2f
	StatusNotAllowed             Status = 0x30
	StatusPINInvalid             Status = 0x31
	StatusPINBlocked             Status = 0x32
	StatusPINAuthInvalid         Status = 0x33
	StatusPINAuthBlocked         Status = 0x34
	StatusPINNotSet              Status = 0x35
	StatusPUATRequired           Status = 0x36
	StatusPINPolicyViolation     Status = 0x37
	StatusRequestTooLarge        Status = 0x39
	StatusActionTimeout          Status = 0x3a
	StatusUPRequired             Status = 0x3b
	StatusUVBlocked              Status = 0x3c
	StatusIntegrityFailure       Status = 0x3d
	StatusInvalidSubcommand      Status = 0x3e
	StatusUVInvalid              Status = 0x3f
	StatusUnauthorizedPermission Status = 0x40
	StatusOther                  Status = 0x7f
)

// statusNames are the names of the specification without their prefixes.
var statusNames = map[Status]string{
	StatusOK: "OK", StatusInvalidCommand: "INVALID_COMMAND", StatusInvalidParameter: "INVALID_PARAMETER", StatusInvalidLength: "INVALID_LENGTH",
	StatusInvalidSeq: "INVALID_SEQ", StatusTimeout: "TIMEOUT", StatusChannelBusy: "CHANNEL_BUSY", StatusLockRequired: "LOCK_REQUIRED",
	StatusInvalidChannel: "INVALID_CHANNEL", StatusCBORUnexpectedType: "CBOR_UNEXPECTED_TYPE", StatusInvalidCBOR: "INVALID_CBOR",
	StatusMissingParameter: "MISSING_PARAMETER", StatusLimitExceeded: "LIMIT_EXCEEDED", StatusFPDatabaseFull: "FP_DATABASE_FULL",
	StatusLargeBlobStorageFull: "LARGE_BLOB_STORAGE_FULL", StatusCredentialExcluded: "CREDENTIAL_EXCLUDED", StatusProcessing: "PROCESSING",
	StatusInvalidCredential: "INVALID_CREDENTIAL", StatusUserActionPending: "USER_ACTION_PENDING", StatusOperationPending: "OPERATION_PENDING",
	StatusNoOperations: "NO_OPERATIONS", StatusUnsupportedAlgorithm: "UNSUPPORTED_ALGORITHM", StatusOperationDenied: "OPERATION_DENIED",
	StatusKeyStoreFull: "KEY_STORE_FULL", StatusUnsupportedOption: "UNSUPPORTED_OPTION", StatusInvalidOption: "INVALID_OPTION",
	StatusKeepAliveCancel: "KEEPALIVE_CANCEL", StatusNoCredentials: "NO_CREDENTIALS", StatusUserActionTimeout: "USER_ACTION_TIMEOUT",
	StatusNotAllowed: "NOT_ALLOWED", StatusPINInvalid: "PIN_INVALID", StatusPINBlocked: "PIN_BLOCKED", StatusPINAuthInvalid: "PIN_AUTH_INVALID",
	StatusPINAuthBlocked: "PIN_AUTH_BLOCKED", StatusPINNotSet: "PIN_NOT_SET", StatusPUATRequired: "PUAT_REQUIRED",
	StatusPINPolicyViolation: "PIN_POLICY_VIOLATION", StatusRequestTooLarge: "REQUEST_TOO_LARGE", StatusActionTimeout: "ACTION_TIMEOUT",
	StatusUPRequired: "UP_REQUIRED", StatusUVBlocked: "UV_BLOCKED", StatusIntegrityFailure: "INTEGRITY_FAILURE",
	StatusInvalidSubcommand: "INVALID_SUBCOMMAND", StatusUVInvalid: "UV_INVALID", StatusUnauthorizedPermission: "UNAUTHORIZED_PERMISSION",
	StatusOther: "OTHER",
}

// Error implements error.
func (s Status) Error() string {
	if name, ok := statusNames[s]; ok {
		return "ctap: " + name
	}
	return fmt.Sprintf("ctap: status 0x%02x", byte(s))
}
