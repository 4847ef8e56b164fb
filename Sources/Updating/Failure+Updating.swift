import Installation
import Product
import Services
import Transport

extension Failure {
  /// Any error as what the command says and exits with.
  public init(_ error: any Error) {
    switch error {
    case let error as UpdatingError: self.init(error)
    case let error as TransportError:
      if case .disk = error.code {
        self.init(.diskSpace, name: "diskSpace", error.description, remedy: "free some space, then try again")
      } else {
        self.init(
          .repositoryUnreachable, name: "repository", error.description,
          remedy: "check the network and the proxy; the next poll goes on where this one stopped")
      }
    case let error as ServicesError:
      self.init(.unexpected, name: error.code.rawValue, error.message, remedy: "see `systemctl status` and the journal")
    case is CancellationError: self.init(.terminated, name: "terminated", "stopped by a signal")
    default: self = Failure(known: error) ?? Failure(.unexpected, name: "unexpected", "\(error)")
    }
  }

  private init(_ error: UpdatingError) {
    let (code, name): (ExitCode, String) =
      switch error.code {
      case .failedRunningOld: (.rolledBack, "rolledBack")
      case .rollbackFailed: (.rollBackFailed, "rollbackFailed")
      case .noWayBack: (.noWayBack, "noWayBack")
      case .refused: (.forbiddenVersion, "refused")
      case .untrusted: (.untrusted, "untrusted")
      case .deferred: (.deferred, "deferred")
      case .unreachable: (.repositoryUnreachable, "repository")
      case .updaterBroken: (.rolledBack, "updaterBroken")
      case .wrongProduct: (.wrongProduct, "wrongProduct")
      }
    self.init(code, name: name, error.message, remedy: error.remedy)
  }
}
