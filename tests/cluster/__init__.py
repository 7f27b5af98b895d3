"""The controller on a real API server: etcd, kube-apiserver and kubectl, without a full cluster.

What only a full cluster has is missing, and tests that need it make it themselves: EndpointSlices
of Services, Pods that run, tokens of ServiceAccounts. `build` makes kube-apiserver from its
published Go modules, `kit` starts it.
"""
