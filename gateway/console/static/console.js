// Movement by keyboard and live updates. Everything works without this file.
"use strict";
