from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from detente.errors import ConfigError, ModelError
from detente.text import TextPath
from detente.training.distillation.options import TeacherOptions
from detente.training.distillation.teacher import EncoderTeacher
from saved_models import edit

RAW = ["Bên thứ 3 ký thoả thuận số 5 về hoà bình.", "Hoà bình."]
SEGMENTED = ["Bên thứ 3 ký thoả_thuận số 5 về hoà_bình .", "Hoà_bình ."]


def test_sentence_and_word_vectors(teacher_folder: Path) -> None:
    import torch

    options = TeacherOptions(path=(str(teacher_folder),), prefix="query: ", precision="fp32")
    teacher = EncoderTeacher(options)
    found = teacher.outputs(RAW, SEGMENTED)
    assert found.sentences.shape == (2, 64)
    assert found.words is not None
    assert found.words.shape == (10 + 2, 32)
    encoded = teacher.tokenizer("query: " + RAW[0], return_offsets_mapping=True, return_tensors="pt")
    offsets = encoded.pop("offset_mapping")[0].tolist()
    with torch.inference_mode():
        states = teacher.model(input_ids=encoded["input_ids"]).last_hidden_state[0]
    mean = states.mean(0)
    assert np.allclose(found.sentences[0, 32:], mean / mean.norm(), atol=1e-5)
    # Beside it the layer in the middle, the second of four; or the one asked for.
    with torch.inference_mode():
        layers = teacher.model(input_ids=encoded["input_ids"], output_hidden_states=True).hidden_states
    first = EncoderTeacher(replace(options, first_layer=1)).outputs(RAW, SEGMENTED)
    for number, own in ((2, found), (1, first)):
        middle = layers[number][0].mean(0)
        assert np.allclose(own.sentences[0, :32], middle / middle.norm(), atol=1e-5)
    with pytest.raises(ConfigError, match="the teacher has layers 1 to 4, not 5"):
        EncoderTeacher(replace(options, first_layer=5))
    # The fifth word is "thoả thuận": the pieces that end within it.
    start = len("query: ") + RAW[0].index("thoả")
    inside = [at for at, (_, end) in enumerate(offsets) if start < end <= start + len("thoả thuận")]
    assert inside
    assert np.allclose(found.words[4], states[inside].mean(0), atol=1e-2)


def test_a_word_without_a_piece_of_its_own_is_all_zeros(teacher_folder: Path) -> None:
    teacher = EncoderTeacher(TeacherOptions(path=(str(teacher_folder),), precision="fp32", max_tokens=4))
    words = teacher.outputs(RAW[:1], SEGMENTED[:1]).words
    assert words is not None
    assert np.abs(words).sum(1)[0] > 0
    assert np.abs(words).sum(1)[-1] == 0  # cut off


def test_segmentation_that_lost_letters_gives_no_words(teacher_folder: Path) -> None:
    teacher = EncoderTeacher(TeacherOptions(path=(str(teacher_folder),), precision="fp32"))
    words = teacher.outputs(["Hoà bình."], ["Hoà_bìn ."]).words
    assert words is not None
    assert words.shape == (2, 32)
    assert not words.any()


def test_a_folder_that_is_no_teacher(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded as a teacher"):
        EncoderTeacher(TeacherOptions(path=(str(tmp_path),)))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"attn_implementation": "owner/kernel"}, r"asks for the attention 'owner/kernel', other code than torch's own"),
        ({"quantization_config": {"quant_method": "gptq"}}, r"asks for the quantisation .*'gptq'"),
    ],
)
def test_a_teacher_that_reaches_for_other_code_is_refused(
    teacher_folder: Path, tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    folder = Path(shutil.copytree(teacher_folder, tmp_path / "teacher"))
    edit(folder / "config.json", **changes)
    with pytest.raises(ModelError, match=message):
        EncoderTeacher(TeacherOptions(path=(str(folder),)))
    (folder / "adapter_config.json").write_text("{}")
    with pytest.raises(ModelError, match="holds an adapter that would change the weights"):
        EncoderTeacher(TeacherOptions(path=(str(folder),)))


def test_the_text_path_of_the_examples_is_the_default() -> None:
    assert [TextPath()(text) for text in RAW[1:]] == SEGMENTED[1:]
