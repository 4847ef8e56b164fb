import Installation
import Posix
import Product
import Services
import Transport

extension Failure {
  /// Any error as what the command says and exits with.
  public init(_ error: any Error) {
    switch error {
    case let error as UpdatingError: self.init(error)
    case let error as TransportError:
      if case .disk(let number) = error.code {
        let cause = PosixError("write", error.place, code: number)
        self.init(
          cause.isNoSpace ? .diskSpace : .fileSystem, name: cause.isNoSpace ? "diskSpace" : "fileSystem",
          error.description, remedy: cause.remedy)
      } else if error.code == .wrongContent {
        self.init(
          .untrusted, name: "lengthOrHash", error.description,
          remedy: "tell who runs that server; the next poll tries it again, after those that are named before it")
      } else if case .unreachable(let step) = error.code, [.proxy, .proxyRefusal].contains(step) {
        self.init(
          .networkOrProxy, name: "proxy", error.description,
          remedy: "'slipway proxy test URL' goes that way step by step; the next poll goes on where this one stopped")
      } else {
        self.init(
          .repositoryUnreachable, name: "repository", error.description,
          remedy: "check the network and the proxy; the next poll goes on where this one stopped")
      }
    case let error as ServicesError:
      self.init(
        error.code == .unsupervised ? .otherPrerequisite : .unexpected, name: error.code.rawValue, error.message,
        remedy: error.remedy ?? "see `systemctl status` and the journal")
    case is CancellationError:
      self.init(.terminated, name: "terminated", "stopped by a signal", remedy: "run it again; it goes on from there")
    default: self = Failure(known: error) ?? Failure(unknown: error)
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
      case .proxy: (.networkOrProxy, "proxy")
      case .updaterBroken: (.rolledBack, "updaterBroken")
      case .wrongProduct: (.wrongProduct, "wrongProduct")
      }
    self.init(code, name: name, error.message, remedy: error.remedy)
  }
}
