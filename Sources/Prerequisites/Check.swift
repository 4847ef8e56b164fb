import Product

/// The id of a check. The order of the cases is the order in which checks run, are shown and decide the exit code.
public typealias Check = CheckID

extension Check {
  var title: String {
    switch self {
    case .elevation: "Elevated privileges"
    case .tpm: "TPM"
    case .accounts: "Local accounts"
    case .proxy: "Proxy"
    case .network: "Network"
    case .disk: "Disk space"
    case .os: "Operating system"
    case .clock: "Clock"
    case .libraries: "Libraries and packages"
    case .services: "Service manager"
    }
  }
}
