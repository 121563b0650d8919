"""An ONNX graph in the making: values, and the operators between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from customer_atlas.errors import MissingExtraError, UsageError

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto

__all__ = ["Graph", "Kind", "Operand", "Value"]

Kind = Literal["number", "whole", "text"]  # float64, int64 and string in the file

# Operators as of these: what onnxruntime knows since 1.15, and scikit-learn's trees are told in.
_OPSET, _ML_OPSET, _IR = 18, 3, 8


@dataclass(frozen=True, eq=False)
class Value:
    """A tensor that a graph will know when it runs; its operators add nodes to the graph."""

    graph: Graph
    name: str

    def __add__(self, other: Operand) -> Value:
        return self.graph.add("Add", self, other)

    def __sub__(self, other: Operand) -> Value:
        return self.graph.add("Sub", self, other)

    def __mul__(self, other: Operand) -> Value:
        return self.graph.add("Mul", self, other)

    def __truediv__(self, other: Operand) -> Value:
        return self.graph.add("Div", self, other)

    def __matmul__(self, other: Operand) -> Value:
        return self.graph.add("MatMul", self, other)

    def __lt__(self, other: Operand) -> Value:
        return self.graph.add("Less", self, other)

    def __gt__(self, other: Operand) -> Value:
        return self.graph.add("Greater", self, other)

    def equals(self, other: Operand) -> Value:
        """Return where both are the same."""
        return self.graph.add("Equal", self, other)

    def clipped(self, low: Operand, high: Operand) -> Value:
        """Return the numbers, those below `low` or above `high` pulled in."""
        return self.graph.add("Min", self.graph.add("Max", self, low), high)

    def unknown(self) -> Value:
        """Return where the numbers are NaN or infinite."""
        return self.graph.add("Or", self.graph.add("IsNaN", self), self.graph.add("IsInf", self))

    def columns(self, places: Sequence[int]) -> Value:
        """Return some columns (n, c) of a matrix, in this order."""
        first, last = places[0], places[-1] + 1
        if list(places) == list(range(first, last)):  # as one piece it is several times faster
            ends = (np.array([end]) for end in (first, last, 1))
            return self.graph.add("Slice", self, *ends)
        return self.graph.add("Gather", self, np.array(places, np.int64), axis=1)

    def at(self, places: Value) -> Value:
        """Return of each row (n, k) the value (n, 1) at its own place (n, 1)."""
        return self.graph.add("GatherElements", self, places, axis=1)

    def flat(self) -> Value:
        """Return a column (n, 1) as (n,)."""
        return self.shaped(-1)

    def shaped(self, *sizes: int) -> Value:
        """Return the same numbers in another shape; 0 keeps the size, -1 is what is left."""
        return self.graph.add("Reshape", self, np.array(sizes, np.int64))

    def best(self, which: Literal["ArgMin", "ArgMax"]) -> Value:
        """Return the place (n, 1) of each row's least or largest value, the first of equal ones."""
        return self.graph.add(which, self, axis=1, keepdims=1)

    def reduced(
        self, by: Literal["Sum", "Min", "Max"], axis: int = 1, *, keep: bool = True
    ) -> Value:
        """Return the sum, least or largest along an axis, which stays with size 1 if `keep`."""
        return self.graph.add(f"Reduce{by}", self, np.array([axis]), keepdims=int(keep))

    def single(self) -> Value:
        """Return the numbers in single precision, the largest ones cut off."""
        most = float(np.finfo(np.float32).max)
        return self._as("FLOAT", self.clipped(-most, most))

    def number(self) -> Value:
        """Return what is no float64 as one; true is 1."""
        return self._as("DOUBLE", self)

    def whole(self) -> Value:
        """Return numbers without what is behind the point, as int64."""
        return self._as("INT64", self)

    def _as(self, kind: str, value: Value) -> Value:
        return self.graph.add("Cast", value, to=self.graph.type_of(kind))


Operand = Value | ArrayLike


class Graph:
    """Inputs, nodes and outputs, which become one ONNX model; numbers are float64.

    What an operator takes is a `Value`, or an array, which the model then holds. Raises
    `MissingExtraError` where the extra ``onnx`` is not installed.
    """

    def __init__(self) -> None:
        try:
            import onnx.helper
            import onnx.numpy_helper
        except ImportError as error:
            raise MissingExtraError("An ONNX file", "onnx") from error
        self._onnx = onnx
        self._inputs: dict[str, ValueInfoProto] = {}
        self._outputs: dict[str, ValueInfoProto] = {}
        self._nodes: list[NodeProto] = []
        self._held: dict[tuple[Any, ...], TensorProto] = {}
        self._named: list[NodeProto] = []

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs, in order."""
        return tuple(self._inputs)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the outputs, in order."""
        return tuple(self._outputs)

    def input(self, name: str, kind: Kind = "number", width: int = 1) -> Value:
        """Return what is given under this name, a matrix (n, width); the same when asked again."""
        if name not in self._inputs:
            self._inputs[name] = self._info(name, kind, ("N", width))
        return Value(self, name)

    def add(self, operator: str, *values: Operand, domain: str = "", **attributes: Any) -> Value:
        """Add a node and return its first output."""
        name = f"atlas:{len(self._nodes)}"  # no feature is called so
        taken = [self._name(value) for value in values]
        self._nodes.append(
            self._onnx.helper.make_node(operator, taken, [name], domain=domain, **attributes)
        )
        return Value(self, name)

    def where(self, condition: Operand, then: Operand, otherwise: Operand) -> Value:
        """Return `then` where the condition holds, and `otherwise` elsewhere."""
        return self.add("Where", condition, then, otherwise)

    def beside(self, *parts: Value) -> Value:
        """Return matrices side by side, as one matrix."""
        return parts[0] if len(parts) == 1 else self.add("Concat", *parts, axis=1)

    def trees(
        self,
        matrix: Value,
        roots: NDArray[np.integer],
        children: NDArray[np.integer],
        feature: NDArray[np.integer],
        threshold: NDArray[np.floating],
        weights: NDArray[np.floating],
    ) -> Value:
        """Add trees, and return the sums (n, w), in single precision, of the leaves rows end in.

        Nodes stand one tree after the other. A row goes to the first of a node's `children` (m, 2)
        where its column `feature` (m,) is at most `threshold` (m,), else to the second; a
        leaf is its own child, with `weights` (m, w). `matrix`, `threshold` and `weights` have
        one precision.
        """
        nodes = np.arange(len(children))
        tree = np.searchsorted(np.sort(roots), nodes, side="right") - 1
        leaf = children[:, 0] == nodes
        empty = ~np.any(weights != 0, axis=1, keepdims=True)
        node, target = np.nonzero(leaf[:, None] & ((weights != 0) | empty))
        words = {
            "nodes_treeids": tree, "nodes_nodeids": nodes, "nodes_featureids": feature,
            "nodes_truenodeids": np.where(leaf, 0, children[:, 0]),
            "nodes_falsenodeids": np.where(leaf, 0, children[:, 1]),
            "target_treeids": tree[node], "target_nodeids": node, "target_ids": target,
        }  # fmt: skip
        attributes: dict[str, Any] = {name: values.tolist() for name, values in words.items()}
        attributes |= self._numbers_of_trees(threshold, weights[node, target])
        return self.add(
            "TreeEnsembleRegressor", matrix, domain="ai.onnx.ml", n_targets=weights.shape[1],
            nodes_modes=np.where(leaf, "LEAF", "BRANCH_LEQ").tolist(), **attributes,
        )  # fmt: skip

    def _numbers_of_trees(
        self, thresholds: NDArray[np.floating], weights: NDArray[np.floating]
    ) -> dict[str, Any]:
        found = {"nodes_values": thresholds, "target_weights": weights}
        if thresholds.dtype == np.float32:
            return {name: values.tolist() for name, values in found.items()}
        return {
            f"{name}_as_tensor": self._onnx.numpy_helper.from_array(np.ascontiguousarray(values))
            for name, values in found.items()
        }

    def output(self, name: str, value: Value, kind: Kind, *width: int) -> None:
        """Give a value (n, *width) out under a name; raises UsageError where an input has it."""
        if name in self._inputs:
            raise UsageError(
                f"A feature is called '{name}', as an output of the ONNX file is. Give it another "
                "name under 'columns' of its source, and run: atlas run --refit"
            )
        self._outputs[name] = self._info(name, kind, ("N", *width))
        self._named.append(self._onnx.helper.make_node("Identity", [value.name], [name]))

    def save(self, path: Path, title: str, facts: Mapping[str, str]) -> None:
        """Write the file; raises UsageError where it cannot be at that path."""
        if path.is_dir():
            raise UsageError(f"{path} is a folder; name a file in it.")
        if not path.absolute().parent.is_dir():
            raise UsageError(f"The folder {path.absolute().parent} does not exist.")
        beside = path.with_name(f".{path.name}.partial")
        try:
            beside.write_bytes(self.model(title, facts))
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)

    def model(self, title: str, facts: Mapping[str, str]) -> bytes:
        """Return the file: the same bytes for the same graph, title and facts."""
        helper = self._onnx.helper
        graph = helper.make_graph(
            [*self._nodes, *self._named], title, [*self._inputs.values()],
            [*self._outputs.values()], [*self._held.values()],
        )  # fmt: skip
        return self._written(graph, facts)

    def type_of(self, kind: str) -> int:
        """Return the number that ONNX has for a type of elements, such as DOUBLE."""
        return int(self._onnx.TensorProto.DataType.Value(kind))

    def _written(self, graph: GraphProto, facts: Mapping[str, str]) -> bytes:
        helper = self._onnx.helper
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid("ai.onnx.ml", _ML_OPSET)]
        model: ModelProto = helper.make_model(
            graph, opset_imports=opsets, ir_version=_IR, producer_name="customer-atlas"
        )
        helper.set_model_props(model, dict(facts))
        return bytes(model.SerializeToString(deterministic=True))

    def _info(self, name: str, kind: Kind, shape: tuple[str | int, ...]) -> ValueInfoProto:
        types = {"number": "DOUBLE", "whole": "INT64", "text": "STRING"}
        return self._onnx.helper.make_tensor_value_info(name, self.type_of(types[kind]), shape)

    def _name(self, operand: Operand) -> str:
        if isinstance(operand, Value):
            return operand.name
        array = np.asarray(operand)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._held:
            self._held[key] = self._tensor(f"atlas:held:{len(self._held)}", array)
        return self._held[key].name

    def _tensor(self, name: str, array: NDArray[Any]) -> TensorProto:
        if array.dtype.kind == "U":
            texts = [text.encode("utf-8") for text in array.ravel().tolist()]
            text_type = self.type_of("STRING")
            return self._onnx.helper.make_tensor(name, text_type, array.shape, texts)
        return self._onnx.numpy_helper.from_array(
            np.ascontiguousarray(array).reshape(array.shape), name
        )
