extension AgentService {
  func check(_ findings: inout Findings, at key: String, product: ProductID) {
    findings.require(ValueRules.isLabel(name), "\(key).name", name, ValueRules.label)
    findings.command(command, "\(key).command")
    checkUser(&findings, at: key, product: product)
    findings.list(groups, "\(key).groups", ValueRules.user, ValueRules.isUser)
    for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
      findings.require(
        ValueRules.isEnvironmentName(name) && !Letters.hasControl(value), "\(key).environment.\(name)", value,
        "a name of letters, digits and '_', and a value without control characters")
    }
    hardening.check(&findings, at: "\(key).hardening")
    findings.seconds(restart.delaySeconds, in: 0...600, "\(key).restart.delaySeconds")
    findings.require(Int64(restart.burst), in: 1...100, "\(key).restart.burst", unit: "starts")
    findings.seconds(restart.intervalSeconds, in: 1...3_600, "\(key).restart.intervalSeconds")
    findings.seconds(restart.stopSeconds, in: 1...600, "\(key).restart.stopSeconds")
    findings.seconds(probationSeconds, in: 1...(7 * 86_400), "\(key).probationSeconds")
    probe?.check(&findings, at: "\(key).probe")
    switch busy {
    case .command(let words): findings.command(words, "\(key).busy.command")
    case .lockFile(let path):
      findings.require(ValueRules.isAbsolutePath(path), "\(key).busy.lockFile", path, ValueRules.absolutePath)
    case nil: break
    }
  }

  private func checkUser(_ findings: inout Findings, at key: String, product: ProductID) {
    findings.require(ValueRules.isUser(user), "\(key).user", user, ValueRules.user)
    findings.require(
      user != product.fetchUser, "\(key).user", user,
      "another user than the one that fetches: the agent must not reach what is being downloaded")
    if user == "root" {
      let reason = rootReason ?? ""
      findings.require(
        !reason.isEmpty, "\(key).user", user, "another user than root, or 'rootReason' saying why it must be root")
    } else {
      findings.require(rootReason == nil, "\(key).rootReason", rootReason ?? "", "only together with user root")
    }
  }
}

extension Hardening {
  func check(_ findings: inout Findings, at key: String) {
    findings.require(
      !isLoosened || !(reason ?? "").isEmpty, "\(key).reason", reason ?? "(absent)",
      "a sentence that says why confinement is loosened")
    findings.require(!Letters.hasControl(reason ?? ""), "\(key).reason", reason ?? "", "one line")
    findings.list(devices, "\(key).devices", "a device and rights, such as '/dev/video0 rw'") { text in
      let parts = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      return parts.count == 2 && (parts[0].hasPrefix("/dev/") || parts[0].hasPrefix("char-"))
        && !parts[0].contains("..") && !Letters.hasControl(text)
        && !parts[1].isEmpty && parts[1].allSatisfy { "rwm".contains($0) }
    }
    findings.list(capabilities, "\(key).capabilities", "a capability such as CAP_NET_BIND_SERVICE") {
      ValueRules.isConstant($0, prefix: "CAP_")
    }
    findings.list(addressFamilies, "\(key).addressFamilies", "a socket family such as AF_NETLINK") {
      ValueRules.isConstant($0, prefix: "AF_")
    }
    findings.list(writablePaths, "\(key).writablePaths", ValueRules.absolutePath, ValueRules.isAbsolutePath)
    findings.list(systemCalls, "\(key).systemCalls", "a system call or a group such as @debug") {
      let name = $0.hasPrefix("@") ? $0.dropFirst() : $0[...]
      return !name.isEmpty
        && name.utf8.allSatisfy {
          Letters.lower.contains($0) || Letters.digits.contains($0) || $0 == Letters.underscore || $0 == Letters.hyphen
        }
    }
  }
}

extension Probe {
  func check(_ findings: inout Findings, at key: String) {
    switch method {
    case .http(let url, let status):
      let address = WebAddress(url)
      findings.require(
        address?.scheme == .http && ValueRules.isLoopback(address?.host ?? ""), "\(key).http.url", url,
        "http:// on the device's own loopback: localhost, 127.x.x.x or [::1]")
      findings.require(Int64(status), in: 100...599, "\(key).http.expectStatus", unit: "(an HTTP status)")
    case .unixSocket(let path, let urlPath, let status):
      // sockaddr_un holds 108 bytes, the terminating zero included (unix(7)).
      findings.require(
        ValueRules.isAbsolutePath(path) && path.utf8.count <= 107, "\(key).unixSocket.path", path,
        ValueRules.absolutePath + ", at most 107 bytes")
      findings.require(
        urlPath.hasPrefix("/") && !Letters.hasControl(urlPath) && !urlPath.contains(" "), "\(key).unixSocket.urlPath",
        urlPath, "a path that begins with '/', without spaces")
      findings.require(Int64(status), in: 100...599, "\(key).unixSocket.expectStatus", unit: "(an HTTP status)")
    case .command(let words):
      findings.command(words, "\(key).command")
    case .fileAge(let path, let maximumSeconds):
      findings.require(ValueRules.isAbsolutePath(path), "\(key).fileAge.path", path, ValueRules.absolutePath)
      findings.seconds(maximumSeconds, in: 1...86_400, "\(key).fileAge.maximumSeconds")
    }
    findings.seconds(timeoutSeconds, in: 1...60, "\(key).timeoutSeconds")
    findings.seconds(intervalSeconds, in: 1...3_600, "\(key).intervalSeconds")
    findings.seconds(deadlineSeconds, in: max(1, timeoutSeconds)...86_400, "\(key).deadlineSeconds")
  }
}
